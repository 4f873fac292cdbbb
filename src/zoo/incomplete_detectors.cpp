#include "zoo/incomplete_detectors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

namespace tv2onnx {
namespace {

struct Part {
  std::string_view key;  ///< its keys begin with it
  std::string_view name;
};
constexpr auto kTwoStages =
    std::to_array<Part>({{"backbone.", "the backbone"},
                         {"rpn.head.", "the region proposal network"},
                         {"roi_heads.box_head.", "the box head"},
                         {"roi_heads.box_predictor.", "the box predictor"}});
constexpr auto kOneStage =
    std::to_array<Part>({{"backbone.", "the backbone"},
                         {"head.classification_head.", "the classification head"},
                         {"head.regression_head.", "the regression head"}});

bool any_begins_with(const Checkpoint& checkpoint, std::string_view key) {
  return std::ranges::any_of(
      checkpoint.tensors, [&](const NamedTensor& tensor) { return tensor.name.starts_with(key); });
}

/// By the parts of one kind of detector.
template <typename Parts>
IncompleteDetector compared(const Checkpoint& checkpoint, const Parts& parts) {
  std::vector<std::string> missing;
  bool backbone = false;
  for (const Part& part : parts) {
    if (!any_begins_with(checkpoint, part.key)) {
      missing.push_back(fmt::format("{} ({}*)", part.name, part.key));
    } else if (&part == &parts.front()) {
      backbone = true;
    }
  }
  if (missing.empty() || missing.size() == parts.size()) return {};
  if (backbone && missing.size() + 1 == parts.size()) {
    return {"a backbone", "lacks all heads of a detector (rpn.* and roi_heads.*, or head.*)"};
  }
  return {"a detector of which parts are missing",
          fmt::format("lacks {}", fmt::join(missing, ", "))};
}

struct Family {
  std::string_view sign;  ///< a part of the backbone's keys
  std::string_view name;
};
/// The first row that fits counts.
constexpr auto kFamilies = std::to_array<Family>({
    {".relative_position_bias_table", "a Swin transformer"},
    {".encoder_layer_0.self_attention.", "a ViT"},
    {".attn.qkv.", "a vision transformer"},
    {".layer_scale", "a ConvNeXt of torchvision"},
    {".gamma", "a ConvNeXt"},
    {".denseblock1.", "a DenseNet"},
    {".trunk_output.", "a RegNet of torchvision"},
    {".branch1x1.", "an Inception"},
    {".branch2.", "a ShuffleNet"},
    {".conv_stem.", "an EfficientNet or MobileNet of timm"},
    {"._conv_stem.", "an EfficientNet of efficientnet_pytorch"},
    {".stages.0.blocks.", "a network of timm"},
    {"features.1.0.block.1.fc1.", "an EfficientNet of torchvision"},
    {".fire", "a SqueezeNet"},
    {".squeeze.", "a SqueezeNet"},
    {".dark2.", "a CSPDarknet"},
    {"features.28.weight", "a VGG"},
    {"backbone.28.weight", "a VGG"},
});

}  // namespace

IncompleteDetector incomplete_detector(const Checkpoint& checkpoint) {
  const bool one_stage = any_begins_with(checkpoint, "head.classification_head.") ||
                         any_begins_with(checkpoint, "head.regression_head.");
  return one_stage ? compared(checkpoint, kOneStage) : compared(checkpoint, kTwoStages);
}

std::string foreign_backbone(const Checkpoint& checkpoint) {
  for (const Family& family : kFamilies) {
    const bool found = std::ranges::any_of(checkpoint.tensors, [&](const NamedTensor& tensor) {
      return tensor.name.starts_with("backbone.") &&
             tensor.name.find(family.sign) != std::string::npos;
    });
    if (found) return std::string(family.name);
  }
  return "";
}

}  // namespace tv2onnx
