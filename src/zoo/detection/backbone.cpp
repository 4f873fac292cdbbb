#include "zoo/detection/backbone.h"

#include "zoo/detection/ssd_backbones.h"
#include "zoo/mobilenetv3.h"
#include "zoo/resnet.h"

namespace tv2onnx {
namespace {

/// The maps that the pyramid's inner blocks were made for (returned_layers), told by their numbers
/// of channels, which differ from stage to stage.
std::vector<FeatureMap> returned_layers(Scope fpn, const std::vector<FeatureMap>& maps) {
  std::vector<FeatureMap> chosen;
  for (const FeatureMap& map : maps) {
    const Scope block = fpn / "inner_blocks" / chosen.size();
    std::optional<Shape> weight = block.shape("0.weight");
    if (!weight) weight = block.shape("weight");
    if (!weight) break;
    if (weight->size() == 4 && (*weight)[1] == map.x.dim(1).number()) chosen.push_back(map);
  }
  return chosen.empty() ? maps : chosen;
}

}  // namespace

std::vector<FeatureMap> backbone_maps(Scope s, Value x, const Config& config) {
  const double eps = config.number("norm_eps");
  if (s.has("scale_weight")) return ssd_vgg_maps(s, x, eps);
  if (s.has("features.1.0.1.0.weight")) return ssdlite_mobilenet_maps(s, x, eps);
  const Scope body = s / "body";
  const std::vector<FeatureMap> maps = body.has("layer1.0.conv1.weight")
                                           ? resnet_maps(body, x, eps)
                                           : mobilenet_v3_large_maps(body, x, eps);
  return feature_pyramid(s / "fpn", returned_layers(s / "fpn", maps), eps);
}

}  // namespace tv2onnx
