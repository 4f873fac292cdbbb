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

[[noreturn]] void refuse(std::string found, std::string option) {
  throw Error({.code = "U002",
               .found = std::move(found),
               .where = {.item = std::move(option)},
               .expected = "no such option: a classifier takes torchvision's normalised float "
                           "tensor and gives logits"});
}

}  // namespace

Model classifier(std::string name, std::string description, decltype(Model::build) build,
                 const ClassifierSettings& settings) {
  std::vector<std::vector<Option>> options{declare_options(settings.normalisation)};
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

Value classifier_input(Scope stem, const BuildOptions& options, std::int64_t size) {
  const bool usual = options.input == InputMode::kFloat || options.input == InputMode::kNormalized;
  if (!usual) refuse("another input of a classifier", "--input");
  if (options.bgr) refuse("BGR images of a classifier", "--bgr");
  if (options.detection.outputs != OutputMode::kBatched) {
    refuse("outputs of a detector", "--outputs");
  }
  if (options.detection.masks != MaskOutput::kAuto) refuse("masks of a classifier", "--masks");
  if (options.detection.size && size == kAny) {
    throw Error({.code = "U002",
                 .found = "a size of the input",
                 .where = {.item = "--size"},
                 .expected = "no --size: this network takes images of any size"});
  }
  const std::optional<Shape> weight = stem.shape("weight");
  const std::int64_t channels = weight && weight->size() == 4 ? (*weight)[1] : kColours;
  const Dim height = size == kAny ? Dim("height") : Dim(size);
  const Dim width = size == kAny ? Dim("width") : Dim(size);
  return stem.graph().add_input("input", DType::kFloat32, {"batch", channels, height, width});
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

void logits_output(Value logits) {
  logits.graph->add_output(logits, "logits", {"batch", logits.dim(1)});
}

void classify_features(Scope head, Value features, const std::vector<HeadLayer>& layers,
                       const Config& config) {
  logits_output(classifier_head(head, features, layers, read_options<HeadSettings>(config).layers));
}

void classify_maps(Scope s, Value maps, std::string_view head, const std::vector<HeadLayer>& layers,
                   const Config& config) {
  const Value features = mean_over_positions(s / "avgpool", maps);
  computes_activation(s / "dropout", Activation::kNone);
  classify_features(s / head, features, layers, config);
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
