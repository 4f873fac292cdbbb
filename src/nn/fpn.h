#pragma once
// FeaturePyramidNetwork (torchvision/ops/feature_pyramid_network.py, arXiv:1612.03144) with
// LastLevelMaxPool or LastLevelP6P7.

#include <cstdint>
#include <string>
#include <vector>

#include "tv2onnx/nn.h"

namespace tv2onnx {

struct FeatureMap {
  Value x;                  ///< float32 [batch, channels, height, width]
  std::int64_t stride = 1;  ///< input pixels per cell
  std::string name = {};    ///< torchvision's key: "0", "1", ..., "pool", "p6", "p7"
};

/// One map per level in `maps` order (fine to coarse), under their names, and the extra ones after
/// them: "p6" and "p7" if the scope has their weights, else "pool", as a whole module or else
/// `pooled` says. Normalisation of the blocks and the input of p6 are as the weights say.
std::vector<FeatureMap> feature_pyramid(Scope s, const std::vector<FeatureMap>& maps,
                                        double norm_eps, bool pooled);

}  // namespace tv2onnx
