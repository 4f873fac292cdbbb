#include "export/fit_photo.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "tv2onnx/error.h"
#include "zoo/official_weights.h"
#include "zoo/photo_input.h"

namespace tv2onnx {
namespace {

/// Height and width, or kAny.
std::int64_t size_of_network(const Config& config, const Model& model, const WeightSource& source,
                             BuildOptions options) {
  options.preprocess = Preprocess::kNone;
  options.input.reset();
  Graph graph(kDefaultOpset);
  LoadReport load;
  try {
    model.build(Scope(graph, source, load), config, options);
  } catch (const Error&) {
    return kAny;  // the build that counts says what is wrong
  }
  const std::optional<Dims>& dims = graph.info(graph.inputs().front()).dims;
  return dims && dims->size() == 4 && (*dims)[2].is_number() ? (*dims)[2].number() : kAny;
}

PhotoSpec photo_of_size(const PhotoSpec& usual, std::string_view arch, std::int64_t size) {
  for (const OfficialWeights& weights : official_weights()) {
    if (weights.arch == arch && weights.photo.crop == size) return photo_of(weights);
  }
  PhotoSpec photo = usual;
  for (std::int64_t& side : photo.resize) side = side * size / usual.crop.front();
  photo.crop = {size};
  return photo;
}

/// Labels and flows are those of the photo's own pixels.
void require_whole_photo(const PhotoSpec& photo, const Model& model) {
  const auto refuse = [&](const char* option, const char* expected) {
    throw Error({.code = "U002",
                 .found = fmt::format("{} is a {}", model.name, model_noun(model.task)),
                 .where = {.item = option},
                 .expected = expected,
                 .hint = fmt::format("leave {} out, or say {} None", option, option)});
  };
  const bool flow = model.task == Task::kFlow;
  if (!flow && model.task != Task::kSegmentation) return;
  if (!photo.crop.empty()) refuse("--crop-size", "None: the answer is of the whole photo");
  if (flow && !photo.resize.empty()) {
    refuse("--resize-size", "None: movements are counted in pixels of the photo");
  }
}

}  // namespace

void fit_photo(Config& config, const Model& model, const WeightSource& source,
               const BuildOptions& options) {
  const std::optional<PhotoSpec> photo = photo_of(config);
  if (photo) require_whole_photo(*photo, model);
  if (!photo || config.origin("crop_size") != "default") return;
  const std::int64_t size = size_of_network(config, model, source, options);
  if (size == kAny || photo->crop.front() == size) return;
  for (const Option& option : declare_options(photo_of_size(*photo, model.name, size))) {
    const bool resizes = option.name == "resize_size" || option.name == "crop_size" ||
                         option.name == "interpolation";
    if (resizes && config.origin(option.name) == "default") {
      config.set(option.name, option.standard, std::string(kFromSize));
    }
  }
}

}  // namespace tv2onnx
