#pragma once
// RoIAlign as two matrix products. Bilinear interpolation is separable: with the weights of rows
// and columns as matrices, a pooled box is  Wy * F * Wx^T  for each channel. On small maps this
// takes a third of the time of the RoiAlign operator; its cost grows with the map.

#include <cstdint>

#include "nn/fpn.h"
#include "nn/rpn.h"

namespace tv2onnx {

struct SeparableRoiAlign {
  std::int64_t height = 7;
  std::int64_t width = 7;
  std::int64_t sampling_ratio = 2;  ///< at least 1
};

/// torchvision.ops.roi_align(aligned=False) of all proposals on one map, as float32
/// [batch * proposals, width, height, channels]: the order in which the products leave it.
Value separable_roi_align(const FeatureMap& map, const Proposals& proposals,
                          const SeparableRoiAlign& spec);

}  // namespace tv2onnx
