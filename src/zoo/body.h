#pragma once
// What is left of a classifier without its head, as the body of a detector.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nn/fpn.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

struct Body {
  std::string name;  ///< "EfficientNet-B0"
  Scope body;
  Scope stem;                           ///< the first convolution
  std::optional<double> norm_eps = {};  ///< that torchvision's builder sets
  /// What its layers give, under their names, as far as the weights go. Of a state dict of numbered
  /// stages only what a detector can want.
  std::function<std::vector<FeatureMap>(Value x, double norm_eps)> maps = {};
};

/// How many of the numbered layers the weights are for.
std::size_t numbered_layers(Scope s);

/// Of networks whose layers 1, 3, 5, ... are stages, and those before them only change the size:
/// whether the stages that are there have so many blocks of so many channels. `key`: a weight of a
/// block with one number, or row, for each channel.
bool has_stages(Scope features, std::string_view key, std::span<const std::int64_t> channels,
                std::span<const int> blocks);

/// The stages of such layers, as no detector wants the others; a whole module says which it wants.
std::vector<FeatureMap> ends_of_stages(Scope features, const std::vector<FeatureMap>& layers);

}  // namespace tv2onnx
