#include "zoo/detection/recognise_rcnn.h"

#include <fmt/format.h>

#include <array>

#include "zoo/detection/backbone.h"

namespace tv2onnx {
namespace {

constexpr const char* kResNet = "fasterrcnn_resnet50_fpn";
constexpr const char* kResNetV2 = "fasterrcnn_resnet50_fpn_v2";
constexpr const char* kMobileNetLarge = "fasterrcnn_mobilenet_v3_large_fpn";
constexpr const char* kMobileNetLarge320 = "fasterrcnn_mobilenet_v3_large_320_fpn";

// What the second version of the ResNet builders added.
constexpr auto kOfVersion2 = std::to_array<std::string_view>(
    {"roi_heads.box_head.0.0.weight", "backbone.fpn.inner_blocks.0.1.running_mean",
     "rpn.head.conv.1.0.weight"});

/// A checkpoint as a scope, to ask what it has. Nothing is built.
struct Keys {
  explicit Keys(const Checkpoint& checkpoint) : source(weights_of(checkpoint)) {}

  WeightSource source;
  LoadReport report;
  Graph graph{kDefaultOpset};
  Scope root{graph, source, report};
};

/// The two stages that mobilenet_backbone() returns if nothing else is asked for.
bool has_default_layers(Scope backbone) {
  const Scope blocks = backbone / "fpn" / "inner_blocks";
  const auto has = [&](int k) {
    return (blocks / k).has("weight") || (blocks / k).has("0.weight");
  };
  return (backbone / "body" / 16).has("0.weight") && has(1) && !has(2);
}

/// MobileNetV3 alone has another eps than as a detector's backbone, where builders pass a norm
/// layer.
void imply_norm_eps(Scope backbone, const std::string& network, FamilyMatch& match) {
  if (!network.starts_with("MobileNetV3") || !backbone.has("0.0.weight")) return;
  match.settings.push_back({"norm_eps", {1e-3}, "the features of torchvision's mobilenet_v3"});
}

}  // namespace

void name_faster_rcnn(const Checkpoint& checkpoint, FamilyMatch& match) {
  const Keys keys(checkpoint);
  const Scope backbone = keys.root / "backbone";
  const std::string network = backbone_name(backbone);
  if (match.backbone_given) {
    match.reasons.emplace_back("backbone: a file of its own");
  } else if (network.empty()) {
    match.other = "fasterrcnn with another backbone";
    return;
  } else {
    match.reasons.push_back("backbone: " + network);
    imply_norm_eps(backbone, network, match);
  }
  if (network == "MobileNetV3-Large with FPN" && has_default_layers(backbone)) {
    match.rows = {kMobileNetLarge, kMobileNetLarge320};
    return;
  }
  match.rows = {kResNet};
  for (const std::string_view key : kOfVersion2) {
    if (!keys.root.has(key)) continue;
    match.rows = {kResNetV2};
    match.reasons.push_back(fmt::format("has {}", key));
  }
}

}  // namespace tv2onnx
