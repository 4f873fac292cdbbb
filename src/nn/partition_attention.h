#pragma once
// Attention of MaxViT (arXiv:2204.01697, torchvision/models/maxvit.py): among the positions of each
// 7x7 window of a map, or among the 7x7 positions of a grid over all of it. The size of the map is
// known while building, as the network is built for one size.

#include <cstdint>

#include "graph/ops.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

inline constexpr std::int64_t kPartition = 7;

/// PartitionAttentionLayer: x [n, channels, side, side] -> the same shape.
/// \param grid else windows
Value partition_attention(Scope s, Value x, std::int64_t side, bool grid);

}  // namespace tv2onnx
