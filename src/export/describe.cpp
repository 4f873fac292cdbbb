#include "export/describe.h"

#include <fmt/format.h>

#include "base/text.h"
#include "nn/image_transform.h"
#include "tv2onnx/contract.h"
#include "tv2onnx/error.h"
#include "zoo/class_name_lists.h"
#include "zoo/detection/options.h"
#include "zoo/official_weights.h"
#include "zoo/photo_input.h"

namespace tv2onnx {
namespace {

/// What callers of InputMode::kNormalized do to images.
Normalisation done_outside(const Model& model, const Config& config, const BuildOptions& build) {
  if (model.task == Task::kDetection) {
    const TransformSpec transform = transform_spec(config, build.torchvision);
    return {transform.mean, transform.std};
  }
  const std::optional<PhotoSpec> photo = photo_of(config);
  return photo ? Normalisation{photo->mean, photo->std} : Normalisation{};
}

/// Of torchvision's own weights that these are, "" if they are others.
std::string weights_name(const Checkpoint& checkpoint, const Model& model,
                         const ExportOptions& options) {
  if (!options.weights.empty()) {
    return std::string(official_weights(model.name, options.weights).name);
  }
  const OfficialWeights* weights = official_weights_in(checkpoint.file);
  return weights != nullptr && weights->arch == model.name ? std::string(weights->name) : "";
}

}  // namespace

std::vector<std::string> class_names(const ExportOptions& options, const Checkpoint& checkpoint,
                                     const Model& model, std::int64_t classes) {
  const bool may_lack = model.task == Task::kDetection || model.background;
  if (options.class_names.empty()) {
    FoundNames found = found_class_names(checkpoint, classes, may_lack);
    return found.names.empty() ? standard_class_names(model.task, classes).names : found.names;
  }
  std::vector<std::string> names = fitted_names(options.class_names, classes, may_lack);
  if (!names.empty()) return names;
  const std::int64_t objects = model.background ? classes - 1 : classes;
  const auto count = static_cast<std::size_t>(objects);
  throw Error({.code = "U002",
               .found = fmt::format("the file has {}, the model {} classes",
                                    counted(options.class_names.size(), "class name"), objects),
               .where = {.item = "--class-names"},
               .expected = model.background ? fmt::format("{}, or {} with the background first",
                                                          counted(count, "name"), classes)
                                            : counted(count, "name")});
}

void describe(OnnxModel& onnx, const std::string& fingerprint, const Checkpoint& checkpoint,
              const Config& config, const Model& model, const ExportOptions& options,
              const std::vector<std::string>& names, const std::vector<std::string>& assumed) {
  const BuildOptions& build = options.build;
  FileMetadata file{.version = TV2ONNX_VERSION,
                    .architecture = model.name,
                    .task = model.task,
                    .config = {config.all()},
                    .order = build.bgr ? ChannelOrder::kBgr : ChannelOrder::kRgb,
                    .torchvision = to_text(build.torchvision),
                    .checkpoint = fingerprint,
                    .class_names = names,
                    .assumed = assumed};
  file.outputs = output_mode(build, model.task);
  file.input = input_mode(build, model.task);
  file.onnx_runtime = onnx_runtime_of(static_cast<int>(onnx.opset()));
  if (model.task != Task::kDetection) {
    file.photo = photo_of(config);
    file.preprocess = preprocess_of(build, model.task);
    file.features = build.features;
    file.weights = weights_name(checkpoint, model, options);
  }
  if (model.has_output("masks")) file.masks = mask_output(build);
  if (file.input == InputMode::kNormalized) {
    const Normalisation outside = done_outside(model, config, build);
    file.mean = outside.mean;
    file.deviation = outside.std;
  }
  write_metadata(file, onnx.metadata);
}

}  // namespace tv2onnx
