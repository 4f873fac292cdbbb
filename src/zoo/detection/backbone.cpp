#include "zoo/detection/backbone.h"

#include <array>
#include <optional>

#include "nn/layers.h"
#include "nn/module_kinds.h"
#include "tv2onnx/error.h"
#include "zoo/detection/backbone_from_file.h"
#include "zoo/detection/options.h"
#include "zoo/detection/returned_layers.h"
#include "zoo/detection/ssd_backbones.h"
#include "zoo/mobilenetv2.h"
#include "zoo/mobilenetv3.h"
#include "zoo/resnet.h"

namespace tv2onnx {
namespace {

struct Network {
  Scope body;
  Scope stem;  ///< the first convolution
  std::string name;
  std::vector<FeatureMap> (*maps)(Scope body, Value x, double norm_eps);
  bool whole = false;  ///< the maps are what the detector takes: SSD has layers of its own
};

std::optional<Network> network_at(Scope body) {
  const Scope first = body / 0 / 0;
  if (is_resnet(body)) return Network{body, resnet_stem(body), resnet_name(body), resnet_maps};
  if (is_mobilenet_v2(body)) return Network{body, first, "MobileNetV2", mobilenet_v2_maps};
  if (is_mobilenet_v3(body))
    return Network{body, first, mobilenet_v3_name(body), mobilenet_v3_maps};
  return std::nullopt;
}

/// BackboneWithFPN has its network under "body", mobilenet_backbone(fpn=False) under "0", before
/// one convolution; SSD's are told by their keys; else the network is the backbone.
std::optional<Network> network_of(Scope s) {
  const Scope features = s / "features";
  if (s.has("scale_weight")) return Network{s, features / 0, "VGG", ssd_vgg_maps, true};
  if (s.has("features.1.0.1.0.weight")) {
    return Network{s, features / 0 / 0 / 0, "MobileNetV3-Large", ssdlite_mobilenet_maps, true};
  }
  for (const Scope& body : {s / "body", s / 0, s}) {
    if (std::optional<Network> network = network_at(body)) return network;
  }
  return std::nullopt;
}

Network known_network(Scope s) {
  if (std::optional<Network> network = network_of(s)) return *std::move(network);
  throw Error({.code = "W001",
               .found = "the backbone is not one that is known here",
               .where = {.item = s.prefix()},
               .expected = "a ResNet, ResNeXt, Wide ResNet, MobileNetV2 or MobileNetV3 of "
                           "torchvision, with or without FPN"});
}

bool has_pyramid(Scope s) {
  return (s / "fpn" / "inner_blocks" / 0).has("weight") ||
         (s / "fpn" / "inner_blocks" / 0).has("0.weight");
}

/// The last map, of mobilenet_backbone(fpn=False) through its convolution.
FeatureMap single_map(Scope s, const Network& network, const FeatureMap& last) {
  const bool projected = network.body.prefix() == (s / 0).prefix();
  return {projected ? conv2d(s / 1, last.x, {}) : last.x, last.stride, "0"};
}

/// The pyramid on its maps, which a whole module calls its body.
std::vector<FeatureMap> pyramid_on(Scope s, const std::vector<FeatureMap>& maps,
                                   const Config& config) {
  s.computes(ModuleKind::kBackboneWithFpn);
  return feature_pyramid(s / "fpn", maps, norm_eps(config), anchor_levels(config) != maps.size());
}

}  // namespace

std::vector<FeatureMap> backbone_maps(Scope s, Value x, const Config& config,
                                      const BuildOptions& options) {
  if (options.detection.backbone) {
    MapsFromFile found = maps_from_file(s, x, *options.detection.backbone);
    return found.is_body ? pyramid_on(s, found.maps, config) : std::move(found.maps);
  }
  const Network network = known_network(s);
  const double eps = norm_eps(config);
  std::vector<FeatureMap> maps = network.maps(network.body, x, eps);
  if (network.whole) return maps;
  if (!has_pyramid(s)) return {single_map(s, network, maps.back())};
  network.body.computes(ModuleKind::kLayerGetter);
  return pyramid_on(s, returned_layers(network.body, s / "fpn", maps), config);
}

std::int64_t image_channels(Scope s, const BuildOptions& options) {
  if (options.detection.backbone) return options.detection.backbone->channels;
  const std::optional<Shape> weight = known_network(s).stem.shape("weight");
  return weight && weight->size() == 4 ? (*weight)[1] : 3;
}

std::string backbone_name(Scope s) {
  const std::optional<Network> network = network_of(s);
  if (!network) return "";
  if (network->whole) return network->name;
  return network->name + (has_pyramid(s) ? " with FPN" : " without FPN");
}

}  // namespace tv2onnx
