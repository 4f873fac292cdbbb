// The one table of models.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/text.h"
#include "tv2onnx/error.h"
#include "tv2onnx/zoo.h"
#include "zoo/classification/alexnet.h"
#include "zoo/classification/convnext.h"
#include "zoo/classification/densenet.h"
#include "zoo/classification/efficientnet.h"
#include "zoo/classification/googlenet.h"
#include "zoo/classification/inception.h"
#include "zoo/classification/maxvit.h"
#include "zoo/classification/mnasnet.h"
#include "zoo/classification/mobilenetv2.h"
#include "zoo/classification/mobilenetv3.h"
#include "zoo/classification/quantized.h"
#include "zoo/classification/regnet.h"
#include "zoo/classification/resnet.h"
#include "zoo/classification/shufflenetv2.h"
#include "zoo/classification/squeezenet.h"
#include "zoo/classification/swin_transformer.h"
#include "zoo/classification/vgg.h"
#include "zoo/classification/vision_transformer.h"
#include "zoo/detection/faster_rcnn.h"
#include "zoo/detection/fcos.h"
#include "zoo/detection/keypoint_rcnn.h"
#include "zoo/detection/mask_rcnn.h"
#include "zoo/detection/retinanet.h"
#include "zoo/detection/ssd.h"
#include "zoo/detection/ssdlite.h"
#include "zoo/optical_flow/raft.h"
#include "zoo/segmentation/deeplabv3.h"
#include "zoo/segmentation/fcn.h"
#include "zoo/segmentation/lraspp.h"
#include "zoo/video/mvit.h"
#include "zoo/video/resnet.h"
#include "zoo/video/s3d.h"
#include "zoo/video/swin_transformer.h"

namespace tv2onnx {

namespace {

std::vector<Model> detectors() {
  return {
      fasterrcnn_resnet50_fpn(),
      fasterrcnn_resnet50_fpn_v2(),
      fasterrcnn_mobilenet_v3_large_fpn(),
      fasterrcnn_mobilenet_v3_large_320_fpn(),
      maskrcnn_resnet50_fpn(),
      maskrcnn_resnet50_fpn_v2(),
      keypointrcnn_resnet50_fpn(),
      retinanet_resnet50_fpn(),
      retinanet_resnet50_fpn_v2(),
      fcos_resnet50_fpn(),
      ssd300_vgg16(),
      ssdlite320_mobilenet_v3_large(),
  };
}

/// One after the other.
std::vector<Model> in_a_row(std::vector<std::vector<Model>> families) {
  std::vector<Model> all;
  for (std::vector<Model>& family : families) std::ranges::move(family, std::back_inserter(all));
  return all;
}

}  // namespace

std::span<const Model> models() {
  static const std::vector<Model> table = [] {
    std::vector<Model> rows =
        in_a_row({detectors(),      {alexnet()},   vggs(),
                  resnets(),        squeezenets(), densenets(),
                  {inception_v3()}, {googlenet()}, {mobilenet_v2()},
                  shufflenets(),    mnasnets(),    mobilenets_v3(),
                  efficientnets(),  convnexts(),   regnets(),
                  swins(),          vits(),        {maxvit_t()},
                  fcns(),           deeplabs_v3(), {lraspp_mobilenet_v3_large()},
                  video_resnets(),  s3ds(),        mvits(),
                  swins_3d(),       rafts()});
    std::ranges::move(quantized(rows), std::back_inserter(rows));
    return rows;
  }();
  return table;
}

bool Model::has_output(std::string_view output) const {
  return std::ranges::find(outputs, output) != outputs.end();
}

std::span<const OutputMode> output_modes(Task task) {
  static constexpr std::array kDetection{OutputMode::kBatched, OutputMode::kFixed,
                                         OutputMode::kFlat, OutputMode::kRaw};
  static constexpr std::array kClasses{OutputMode::kLogits, OutputMode::kProbabilities,
                                       OutputMode::kTopK};
  static constexpr std::array kSegmentation{OutputMode::kLabels, OutputMode::kLogits};
  static constexpr std::array kFlow{OutputMode::kFlow, OutputMode::kAll};
  switch (task) {
    case Task::kDetection: return kDetection;
    case Task::kClassification:
    case Task::kVideo: return kClasses;
    case Task::kSegmentation: return kSegmentation;
    case Task::kFlow: break;
  }
  return kFlow;
}

OutputMode output_mode(const BuildOptions& options, Task task) {
  const std::span<const OutputMode> modes = output_modes(task);
  if (!options.outputs) {
    const bool table = task == Task::kDetection && options.detection.portable;
    return table ? OutputMode::kFixed : modes.front();
  }
  if (std::ranges::find(modes, *options.outputs) != modes.end()) return *options.outputs;
  std::vector<std::string_view> names;
  for (const OutputMode mode : modes) names.push_back(mode_name(kOutputModes, mode));
  throw Error({.code = "U002",
               .found = fmt::format("'{}' of a model for {}",
                                    mode_name(kOutputModes, *options.outputs), task_name(task)),
               .where = {.item = "--outputs"},
               .expected = fmt::format("{}", fmt::join(names, " or "))});
}

Preprocess preprocess_of(const BuildOptions& options, Task task) {
  if (task == Task::kVideo || task == Task::kFlow) return Preprocess::kNone;
  return options.preprocess.value_or(Preprocess::kFull);
}

InputMode input_mode(const BuildOptions& options, Task task) {
  if (options.input) return *options.input;
  if (task == Task::kDetection) return InputMode::kFloat;
  switch (preprocess_of(options, task)) {
    case Preprocess::kNone: return InputMode::kNormalized;
    case Preprocess::kNormalize: return InputMode::kFloat;
    case Preprocess::kFull: break;
  }
  return InputMode::kUint8;
}

MaskOutput mask_output(const BuildOptions& options) {
  if (options.detection.masks != MaskOutput::kAuto) return options.detection.masks;
  return options.outputs == OutputMode::kFlat ? MaskOutput::kFull : MaskOutput::kRoi;
}

const Model& find_model(std::string_view name) {
  const std::span<const Model> table = models();
  const auto found = std::ranges::find(table, name, &Model::name);
  if (found != table.end()) return *found;
  std::vector<std::string_view> names;
  for (const Model& model : table) names.push_back(model.name);
  const std::string nearest = nearest_name(name, names);
  throw Error({.code = "U001",
               .found = fmt::format("there is no model '{}'", printable(name)),
               .hint = nearest.empty() ? "all models: tv2onnx models"
                                       : fmt::format("did you mean {}?", nearest)});
}

}  // namespace tv2onnx
