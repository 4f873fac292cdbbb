// Tells the architecture of a checkpoint from its keys, and from its settings where it has them.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "tv2onnx/zoo.h"
#include "zoo/detection/rcnn_arch.h"
#include "zoo/official_weights.h"

namespace tv2onnx {
namespace {

/// An architecture is recognised by keys that all must be there. `name` is a row of models() or an
/// architecture that is only named in messages. The first match counts.
struct Signature {
  std::string_view name;
  std::array<std::string_view, 3> keys;
};

constexpr std::string_view kFasterRcnn = "fasterrcnn_resnet50_fpn";

constexpr auto kSignatures = std::to_array<Signature>({
    {"maskrcnn_resnet50_fpn_v2",
     {"roi_heads.mask_predictor.mask_fcn_logits.weight", "roi_heads.mask_head.0.1.running_mean"}},
    {"maskrcnn_resnet50_fpn_v2",
     {"roi_heads.mask_predictor.mask_fcn_logits.weight", "roi_heads.box_head.0.0.weight"}},
    {"maskrcnn_resnet50_fpn", {"roi_heads.mask_predictor.mask_fcn_logits.weight"}},
    {"keypointrcnn_resnet50_fpn", {"roi_heads.keypoint_predictor.kps_score_lowres.weight"}},
    {kFasterRcnn, {"roi_heads.box_predictor.cls_score.weight"}},
    {"fcos_resnet50_fpn", {"head.regression_head.bbox_ctrness.weight"}},
    {"retinanet_resnet50_fpn_v2",
     {"head.classification_head.conv.0.1.weight", "head.regression_head.bbox_reg.weight"}},
    {"retinanet_resnet50_fpn",
     {"head.classification_head.cls_logits.weight", "head.regression_head.bbox_reg.weight"}},
    {"ssd300_vgg16", {"head.classification_head.module_list.0.weight"}},
    {"ssdlite320_mobilenet_v3_large", {"head.classification_head.module_list.0.1.weight"}},
    {"a ResNet classifier", {"layer1.0.conv1.weight", "fc.weight"}},
    {"a MobileNetV3 classifier", {"features.4.block.2.fc1.weight", "classifier.3.weight"}},
    {"a classifier", {"classifier.weight"}},
    {"a classifier", {"classifier.1.weight"}},
    {"a classifier", {"classifier.6.weight"}},
    {"a ResNet backbone without a head", {"layer1.0.conv1.weight"}},
});

/// The layers of one-stage heads that have a row per anchor and class, and per anchor and side.
constexpr auto kDenseHeads = std::to_array<std::array<std::string_view, 2>>({
    {"head.classification_head.cls_logits.weight", "head.regression_head.bbox_reg.weight"},
    {"head.classification_head.module_list.0.weight", "head.regression_head.module_list.0.weight"},
    {"head.classification_head.module_list.0.1.weight",
     "head.regression_head.module_list.0.1.weight"},
});

/// Models of other projects, by the package that their checkpoints name.
constexpr auto kForeign = std::to_array<std::array<std::string_view, 2>>({
    {"ultralytics.", "a YOLO model of ultralytics"},
    {"models.yolo.", "a YOLO model of ultralytics"},
    {"detectron2.", "a detector of detectron2"},
    {"mmdet.", "a detector of mmdetection"},
    {"effdet.", "an EfficientDet of effdet"},
    {"timm.", "a model of timm"},
    {"transformers.", "a model of Hugging Face transformers"},
});

/// The first of them that the checkpoint refers to; it may also have been left behind by a training
/// script, so it is asked only where no keys tell.
void name_foreign(const Checkpoint& checkpoint, ArchGuess& guess) {
  for (const auto& [package, name] : kForeign) {
    const auto used = std::ranges::find_if(checkpoint.globals, [&](const GlobalUse& global) {
      return global.name.starts_with(package);
    });
    if (used == checkpoint.globals.end()) continue;
    guess.name = name;
    guess.reasons = {fmt::format("refers to {}", printable(used->name))};
    return;
  }
}

const Model* row(std::string_view name) {
  const auto found = std::ranges::find(models(), name, &Model::name);
  return found != models().end() ? &*found : nullptr;
}

/// The name of a file of torchvision's says what the weights are and how they run.
void believe_file_name(const Checkpoint& checkpoint, ArchGuess& guess) {
  const OfficialWeights* weights = official_weights_in(checkpoint.file);
  if (weights == nullptr) return;
  const auto other = std::ranges::find(guess.same_weights, weights->arch);
  if (other != guess.same_weights.end()) std::swap(*other, guess.name);
  if (guess.name != weights->arch) return;
  guess.ambiguity.clear();
  guess.settings = settings_of(*weights);
  guess.reasons.push_back(
      fmt::format("the file's name is that of torchvision's {} weights", weights->name));
}

}  // namespace

const Setting* find_attribute(const Checkpoint& checkpoint, std::string_view path) {
  // The longest part of the path that is a module; the model itself has an empty path.
  for (std::size_t end = path.size(); end != 0;) {
    end = path.rfind('.', end - 1);
    const bool root = end == std::string_view::npos;
    if (root) end = 0;
    const ModuleInfo* module = checkpoint.module(path.substr(0, end));
    if (module == nullptr) continue;
    std::string_view rest = path.substr(root ? 0 : end + 1);
    const Setting* setting = module->find(rest.substr(0, rest.find('.')));
    while (setting != nullptr && rest.find('.') != std::string_view::npos) {
      rest = rest.substr(rest.find('.') + 1);
      setting = setting->find(rest.substr(0, rest.find('.')));
    }
    return setting;
  }
  return nullptr;
}

std::int64_t class_count(const Checkpoint& checkpoint) {
  const auto rows = [&](std::string_view key) {
    const Tensor* weight = checkpoint.find(key);
    return weight != nullptr && !weight->shape.empty() ? weight->shape[0] : 0;
  };
  for (const auto& [logits, deltas] : kDenseHeads) {
    const std::int64_t anchors = rows(deltas) / 4;
    if (rows(logits) > 0 && anchors > 0) return rows(logits) / anchors;
  }
  return rows("roi_heads.box_predictor.cls_score.weight");
}

ArchGuess detect_arch(const Checkpoint& checkpoint) {
  ArchGuess guess;
  for (const Signature& signature : kSignatures) {
    const auto present = [&](std::string_view key) {
      return key.empty() || checkpoint.find(key) != nullptr;
    };
    if (!std::ranges::all_of(signature.keys, present)) continue;
    guess.name = signature.name;
    for (const std::string_view key : signature.keys) {
      if (!key.empty()) guess.reasons.push_back(fmt::format("has {}", key));
    }
    break;
  }
  if (guess.name == kFasterRcnn) refine_faster_rcnn(checkpoint, guess);
  if (guess.name.empty()) name_foreign(checkpoint, guess);
  believe_file_name(checkpoint, guess);
  guess.model = row(guess.name);
  return guess;
}

}  // namespace tv2onnx
