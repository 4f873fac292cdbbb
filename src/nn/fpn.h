#pragma once
// FeaturePyramidNetwork (torchvision/ops/feature_pyramid_network.py, arXiv:1612.03144) with
// LastLevelMaxPool.

#include <cstdint>
#include <vector>

#include "tv2onnx/nn.h"

namespace tv2onnx {

struct FeatureMap {
  Value x;                  ///< float32 [batch, channels, height, width]
  std::int64_t stride = 1;  ///< input pixels per cell
};

/// One map per level in `maps` order (fine to coarse), and a pooled one after them.
std::vector<FeatureMap> feature_pyramid(Scope s, const std::vector<FeatureMap>& maps);

}  // namespace tv2onnx
