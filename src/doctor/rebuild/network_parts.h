#pragma once
// What the file of a network without detections holds: layers with weights, normalisations and
// other constants in the order in which they run, with the names that the file has kept.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/rebuild/layers.h"

namespace tv2onnx::doctor {

/// A constant that no layer has, such as a weight of LayerNorm or the positions of ViT.
struct LooseConstant {
  std::string op;  ///< the operator that reads it
  Tensor tensor;
};

struct NetworkParts {
  std::vector<Layer> layers;           ///< `module` is "" where no name tells it
  std::vector<LayerNorm> norms;        ///< those that are not behind a layer
  std::vector<LooseConstant> loose;    ///< those without a name
  std::map<std::string, Tensor> kept;  ///< by torch's key
};

/// Where names of layers come from beside those of parameters.
enum class NameSource {
  kNodes,      ///< "/layer1/layer1.0/conv1/Conv", as torch writes since 1.13
  kNone,       ///< nothing else
  kResNet,     ///< the residual connections of a ResNet
  kBackbone,   ///< the same of one that is called backbone
  kMobileNet,  ///< the depthwise convolutions of a MobileNetV3
  kVgg,        ///< convolutions and pools in a row
};

NetworkParts find_network_parts(const View& view, const std::vector<Layer>& layers,
                                NameSource source);

/// A key of something that computes, so that a network without it would not have it.
bool is_of_layer(std::string_view key);

/// What all names begin with, "" if that is nothing: "model." where a wrapper holds the network, or
/// the part of it that has kept its names.
std::string common_prefix(const NetworkParts& parts);
void strip_prefix(NetworkParts& parts, const std::string& prefix);

/// The module that torch's name of a node tells: "layer1.0.conv1"; "" if it is not such a name.
std::string module_of_node(std::string_view name);

}  // namespace tv2onnx::doctor
