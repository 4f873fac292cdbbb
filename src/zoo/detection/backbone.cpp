#include "zoo/detection/backbone.h"

#include <fmt/format.h>

#include <optional>

#include "nn/layers.h"
#include "nn/module_kinds.h"
#include "tv2onnx/error.h"
#include "zoo/body.h"
#include "zoo/classification/convnext.h"
#include "zoo/classification/efficientnet.h"
#include "zoo/classification/regnet.h"
#include "zoo/classification/swin_transformer.h"
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
  Body body;
  bool whole = false;  ///< the maps are what the detector takes: SSD has layers of its own
};

Body body_of(std::string name, Scope body, Scope stem,
             std::vector<FeatureMap> (*maps)(Scope body, Value x, double norm_eps)) {
  return {.name = std::move(name), .body = body, .stem = stem, .maps = [=](Value x, double eps) {
            return maps(body, x, eps);
          }};
}

/// What is cut into by its stages alone, so that weights tell which of them a pyramid is for.
std::optional<Body> staged_body_at(Scope s) {
  for (const auto known : {efficientnet_body, convnext_body, regnet_body, swin_body}) {
    if (std::optional<Body> body = known(s)) return body;
  }
  return std::nullopt;
}

std::optional<Body> body_at(Scope s) {
  const Scope first = s / 0 / 0;
  if (is_resnet(s)) return body_of(resnet_name(s), s, resnet_stem(s), resnet_maps);
  if (is_mobilenet_v2(s)) return body_of("MobileNetV2", s, first, mobilenet_v2_maps);
  if (is_mobilenet_v3(s)) return body_of(mobilenet_v3_name(s), s, first, mobilenet_v3_maps);
  return staged_body_at(s);
}

/// BackboneWithFPN has its network under "body", create_feature_extractor() the features of a
/// classifier under "features", mobilenet_backbone(fpn=False) its network under "0", before
/// one convolution; SSD's are told by their keys; else the network is the backbone.
std::optional<Network> network_of(Scope s) {
  const Scope features = s / "features";
  if (s.has("scale_weight")) return Network{body_of("VGG", s, features / 0, ssd_vgg_maps), true};
  if (s.has("features.1.0.1.0.weight")) {
    return Network{body_of("MobileNetV3-Large", s, features / 0 / 0 / 0, ssdlite_mobilenet_maps),
                   true};
  }
  for (const Scope& place : {s / "body", s / 0, s}) {
    if (std::optional<Body> body = body_at(place)) return Network{*std::move(body)};
  }
  for (const Scope& place : {s / "body" / "features", features}) {
    if (std::optional<Body> body = staged_body_at(place)) return Network{*std::move(body)};
  }
  return std::nullopt;
}

Network known_network(Scope s) {
  if (std::optional<Network> network = network_of(s)) return *std::move(network);
  throw Error({.code = "W001",
               .found = "the backbone is not one that is known here",
               .where = {.item = s.prefix()},
               .expected =
                   "a ResNet, ResNeXt, Wide ResNet, MobileNetV2, MobileNetV3, EfficientNet, "
                   "ConvNeXt, RegNet or Swin Transformer of torchvision, with or without FPN"});
}

bool has_pyramid(Scope s) {
  return (s / "fpn" / "inner_blocks" / 0).has("weight") ||
         (s / "fpn" / "inner_blocks" / 0).has("0.weight");
}

/// The last map, of mobilenet_backbone(fpn=False) through its convolution.
FeatureMap single_map(Scope s, const Network& network, const FeatureMap& last) {
  const bool projected = network.body.body.prefix() == (s / 0).prefix();
  return {projected ? conv2d(s / 1, last.x, {}) : last.x, last.stride, "0"};
}

/// The pyramid on its maps, which a whole module calls its body.
std::vector<FeatureMap> pyramid_on(Scope s, const std::vector<FeatureMap>& maps,
                                   const Config& config) {
  s.computes(ModuleKind::kBackboneWithFpn);
  return feature_pyramid(s / "fpn", maps, norm_eps(config), anchor_levels(config) != maps.size());
}

/// That of torchvision's builder, if nothing else is said.
double body_eps(const Body& body, const Config& config) {
  const double eps = norm_eps(config);
  if (!body.norm_eps || *body.norm_eps == eps || config.origin("norm_eps") != "default") return eps;
  if (!body.body.in_whole_module()) {
    body.body.assume(
        fmt::format("norm_eps of {} is assumed to be {}, as torchvision's builder sets it; a state "
                    "dict does not store it; choose with --norm-eps",
                    body.name, *body.norm_eps));
  }
  return *body.norm_eps;
}

}  // namespace

std::vector<FeatureMap> backbone_maps(Scope s, Value x, const Config& config,
                                      const BuildOptions& options) {
  if (options.detection.backbone) {
    MapsFromFile found = maps_from_file(s, x, *options.detection.backbone);
    return found.is_body ? pyramid_on(s, found.maps, config) : std::move(found.maps);
  }
  const Network network = known_network(s);
  const Body& body = network.body;
  std::vector<FeatureMap> maps = body.maps(x, body_eps(body, config));
  if (network.whole) return maps;
  if (!has_pyramid(s)) return {single_map(s, network, maps.back())};
  body.body.computes(ModuleKind::kLayerGetter);
  return pyramid_on(s, returned_layers(body.body, s / "fpn", maps), config);
}

std::int64_t image_channels(Scope s, const BuildOptions& options) {
  if (options.detection.backbone) return options.detection.backbone->channels;
  const std::optional<Shape> weight = known_network(s).body.stem.shape("weight");
  return weight && weight->size() == 4 ? (*weight)[1] : 3;
}

std::string backbone_name(Scope s) {
  const std::optional<Network> network = network_of(s);
  if (!network) return "";
  if (network->whole) return network->body.name;
  return network->body.name + (has_pyramid(s) ? " with FPN" : " without FPN");
}

}  // namespace tv2onnx
