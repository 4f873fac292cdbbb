#include "zoo/classification/classifier.h"

#include <fmt/format.h>

#include "base/text.h"
#include "nn/computed_parts.h"
#include "nn/pooling.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kColours = 3;

/// What a state dict does not say of an nn.Sequential that took the head's place.
struct HeadSettings {
  std::optional<std::vector<std::string>> layers = {};
};
void option_rows(OptionRows& row, HeadSettings& settings) {
  row("head_layers", kinds::kNamesOrNone, "",
      "what the layers without weights of a replaced head are, in order: relu, dropout, identity, "
      "hardswish, silu, sigmoid, gelu or tanh",
      settings.layers);
}

[[noreturn]] void refuse(std::string_view option) {
  throw Error({.code = "U002",
               .found = "an option of detectors, and the model is a classifier",
               .where = {.item = std::string(option)},
               .hint = fmt::format("leave {} out", option)});
}

}  // namespace

Model classifier(std::string name, std::string description, decltype(Model::build) build,
                 const ClassifierSettings& settings) {
  PhotoSpec photo;
  photo.mean = settings.normalisation.mean;
  photo.std = settings.normalisation.std;
  std::vector<std::vector<Option>> options{declare_options(default_photo(name, photo))};
  if (settings.norm_eps) options.push_back(declare_options(NormSettings{*settings.norm_eps}));
  if (settings.replaceable_head) options.push_back(declare_options(HeadSettings{}));
  options.push_back(settings.more);
  return {.name = std::move(name),
          .description = std::move(description),
          .task = Task::kClassification,
          .options = joined(std::move(options)),
          .build = std::move(build),
          .outputs = {"logits"},
          .background = false};
}

Value classifier_input(Scope stem, const Config& config, const BuildOptions& options,
                       const ImageSides& sides) {
  if (options.detection.masks != MaskOutput::kAuto) refuse("--masks");
  const std::optional<Shape> weight = stem.shape("weight");
  const std::int64_t channels = weight && weight->size() == 4 ? (*weight)[1] : kColours;
  return photo_input(stem.graph(), channels, config, options, sides);
}

std::int64_t square_size(const BuildOptions& options, std::int64_t stored, std::int64_t step) {
  if (!options.detection.size) return stored;
  const auto [height, width] = *options.detection.size;
  if (height == width && height > 0 && height % step == 0) return height;
  throw Error(
      {.code = "U002",
       .found = fmt::format("{}x{}", height, width),
       .where = {.item = "--size"},
       .expected = fmt::format("a square of a multiple of {0}, such as {1}x{1}", step, stored)});
}

void classify_features(Scope head, Value features, const std::vector<HeadLayer>& layers,
                       const Config& config, const BuildOptions& options) {
  class_outputs(classifier_head(head, features, layers, read_options<HeadSettings>(config).layers),
                options);
}

void classify_maps(Scope s, Value maps, std::string_view head, const std::vector<HeadLayer>& layers,
                   const Config& config, const BuildOptions& options) {
  const Value features = mean_over_positions(s / "avgpool", maps);
  computes_activation(s / "dropout", Activation::kNone);
  classify_features(s / head, features, layers, config, options);
}

void require_architecture(Scope s, std::string_view found, std::string_view wanted) {
  if (found == wanted) return;
  throw Error({.code = "W004",
               .found = fmt::format("the weights are those of {}, not of {}", found, wanted),
               .where = {.item = s.prefix()},
               .hint = "leave --arch out"});
}

bool assumed_flag(Scope s, const Config& config, std::string_view option,
                  std::string_view otherwise) {
  const bool value = *config[option].boolean();
  if (config.origin(option) == "default" && !s.in_whole_module()) {
    s.assume(fmt::format("{0} = {1}, which a state dict does not store ({2}); choose with {3} {4}",
                         option, value, otherwise, flag_of(option), !value));
  }
  return value;
}

}  // namespace tv2onnx
