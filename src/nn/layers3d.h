#pragma once
// torch.nn's layers of clips [n, channels, time, height, width]. Convolutions along time alone, or
// within frames alone, are computed as two-dimensional ones, which runtimes have faster.

#include <array>
#include <cstdint>

#include "graph/ops.h"
#include "nn/layers.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

struct Conv3d {
  std::int64_t out = kAny;                      ///< kAny: as the weight says
  std::array<std::int64_t, 3> kernel{1, 1, 1};  ///< time, height, width; likewise below
  std::array<std::int64_t, 3> stride{1, 1, 1};
  std::array<std::int64_t, 3> padding{0, 0, 0};
  std::int64_t groups = 1;
  bool bias = false;
};

Value conv3d(Scope s, Value x, const Conv3d& options);

/// Convolution, BatchNorm3d and the activation of no module.
Value conv_norm3d(Scope conv, Scope norm, Value x, const Conv3d& options, double norm_eps,
                  Activation activation = Activation::kNone);

Value max_pool3d(Scope s, Value x, const Pool3dAttributes& options);
Value average_pool3d(Scope s, Value x, const Pool3dAttributes& options);

/// AdaptiveAvgPool3d(1) and flatten: x [n, c, t, h, w] -> [n, c]
Value mean_over_clip(Scope s, Value x);
/// The same of tokens [n, count, channels].
Value mean_over_places(Scope s, Value tokens);

}  // namespace tv2onnx
