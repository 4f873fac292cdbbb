#include "export/allowed_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// Options that only models of other tasks have.
void require_task(const Model& model, const BuildOptions& build) {
  output_mode(build, model.task);
  const auto refuse = [&](bool given, const char* option) {
    if (!given) return;
    throw Error({.code = "U002",
                 .found = fmt::format("{} is a {}", model.name, model_noun(model.task)),
                 .where = {.item = option},
                 .hint = fmt::format("leave {} out", option)});
  };
  const bool photos = model.task == Task::kClassification || model.task == Task::kSegmentation;
  const bool classes = model.task == Task::kClassification || model.task == Task::kVideo;
  const bool prepares = build.preprocess.value_or(Preprocess::kNone) != Preprocess::kNone;
  const bool detector = model.task == Task::kDetection;
  refuse(!photos && (detector ? build.preprocess.has_value() : prepares), "--preprocess");
  refuse(build.top.has_value() && !classes, "--top");
  refuse(build.detection.backbone.has_value() && !detector, "--backbone");
  if (!detector) return;
  refuse(!build.features.empty(), "--features");
}

void require_pixels(const std::array<std::int64_t, 2>& size) {
  constexpr std::int64_t kLargest = 1 << 16;
  if (std::ranges::all_of(size, [](auto side) { return side >= 1 && side <= kLargest; })) return;
  throw Error({.code = "U002",
               .found = fmt::format("{}x{}", size[0], size[1]),
               .where = {.item = "--size"},
               .expected = fmt::format("a height and a width of 1 to {} pixels", kLargest)});
}

void require_raw_for_size(const Model& model, const BuildOptions& build) {
  if (!build.detection.size || build.outputs == OutputMode::kRaw) return;
  if (model.task != Task::kDetection) return;  // what a model of one size takes, it says itself
  if (build.detection.portable) return require_pixels(*build.detection.size);
  throw Error({.code = "U002",
               .found = "a size of the input",
               .where = {.item = "--size"},
               .expected = "no --size: only raw and portable files (--target) have one, all others "
                           "take images of any size",
               .hint = "--min-size and --max-size are the sizes that images are resized to"});
}

/// Of outputs whose number of rows is that of the detections no file is portable.
void require_portable_outputs(const Model& model, const BuildOptions& build) {
  const DetectionBuild& detection = build.detection;
  if (detection.batch && (!detection.portable || model.task != Task::kDetection)) {
    throw Error({.code = "U002",
                 .found = "a number of images",
                 .where = {.item = "--batch"},
                 .expected =
                     "no --batch: only portable files of detectors (--target) have one, all "
                     "others take any number of images",
                 .hint = "leave --batch out"});
  }
  if (!detection.portable || model.task != Task::kDetection) return;
  const bool raw = build.outputs == OutputMode::kRaw;
  if (detection.batch && (*detection.batch < 1 || (raw && *detection.batch != 1))) {
    throw Error({.code = "U002",
                 .found = fmt::format("{} images", *detection.batch),
                 .where = {.item = "--batch"},
                 .expected = raw ? "1: raw files take one image" : "1 or more"});
  }
  if (build.outputs != OutputMode::kBatched && build.outputs != OutputMode::kFlat) return;
  throw Error({.code = "U002",
               .found = fmt::format("{} outputs of a portable file",
                                    mode_name(kOutputModes, *build.outputs)),
               .where = {.item = "--outputs"},
               .expected = "fixed, or raw of models with one stage: rows that are as many as the "
                           "image has objects are a shape that follows from its content",
               .hint = "leave --outputs out: num_detections says how many rows count"});
}

void require_masks(const Model& model, const BuildOptions& build) {
  if (build.detection.masks == MaskOutput::kAuto || model.has_output("masks")) return;
  throw Error({.code = "U002",
               .found = fmt::format("{} finds no masks", model.name),
               .where = {.item = "--masks"},
               .hint = "leave --masks out"});
}

/// Clips and pairs of images are those that torchvision's models take.
void require_prepared(const Model& model, const BuildOptions& build) {
  if (model.task != Task::kVideo && model.task != Task::kFlow) return;
  const auto refuse = [&](bool other, const char* option) {
    if (!other) return;
    throw Error({.code = "U002",
                 .found = fmt::format("another input of {}", model.name),
                 .where = {.item = option},
                 .expected = "the normalised float tensor that torchvision's model takes",
                 .hint = fmt::format("leave {} out", option)});
  };
  refuse(build.input.value_or(InputMode::kNormalized) != InputMode::kNormalized, "--input");
  refuse(build.bgr, "--bgr");
}

void require_no_size(const Model& model, const BuildOptions& build) {
  if (!build.detection.size || model.task == Task::kDetection ||
      model.task == Task::kClassification) {
    return;
  }
  throw Error({.code = "U002",
               .found = fmt::format("a size of the input of {}", model.name),
               .where = {.item = "--size"},
               .expected = "no --size: the model takes inputs of any size, an MViT those of its "
                           "weights' size"});
}

}  // namespace

void require_allowed(const Model& model, const BuildOptions& build) {
  require_task(model, build);
  require_prepared(model, build);
  require_no_size(model, build);
  require_masks(model, build);
  require_raw_for_size(model, build);
  require_portable_outputs(model, build);
}

}  // namespace tv2onnx
