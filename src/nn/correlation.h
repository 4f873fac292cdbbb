#pragma once
// The correlation of two feature maps and its lookup in RAFT (arXiv:2003.12039, section 3.2;
// torchvision/models/optical_flow/raft.py, CorrBlock).

#include <cstdint>
#include <vector>

#include "graph/ops.h"

namespace tv2onnx {

struct CorrelationSpec {
  std::int64_t levels = 4;
  std::int64_t radius = 4;
};

/// The products of every position of one map with every position of the other, and what looking
/// them up needs that stays the same.
struct CorrelationPyramid {
  struct Level {
    Value volume;  ///< [n h w, 1, h', w'], without GridSample [n h w, w', h']
    Value scale;   ///< of positions to those of GridSample, [2]
    Value shift;   ///< the window there, [1, side, side, 2]
  };
  CorrelationSpec spec;
  std::vector<Level> levels;
  Value rows;  ///< shape [n, h w, side^2]
  Value map;   ///< shape [n, channels, h, w]
};

/// Of maps [n, channels, h, w]. Each level halves the second one, rounding down, which is the mean
/// of the products as well.
CorrelationPyramid correlation_pyramid(Value first, Value second, const CorrelationSpec& spec);

/// Around each of `centres` [n, 2, h, w] (x, y), in cells of the finest level, the products at
/// (2 radius + 1)^2 positions of each level, beyond the map 0: [n, levels side^2, h, w]. As in
/// torchvision, the first axis of the window is x.
Value look_up(const CorrelationPyramid& pyramid, Value centres);

}  // namespace tv2onnx
