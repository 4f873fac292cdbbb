#pragma once
// Biases of attention by the relative position of two tokens of a square window: constants, which
// are computed while building. Tables as in torchvision/models/swin_transformer.py and maxvit.py.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "graph/ops.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// For each pair of tokens of a window, which entry of the table is theirs.
std::vector<std::size_t> relative_positions(std::int64_t side);

/// From `relative_position_bias_table`: [heads, side^2, side^2].
/// \param index the shape of `relative_position_index`, which must be that of such windows
/// \throws Error W002 if it is not
Value table_bias(Scope s, std::int64_t side, std::int64_t heads, const Shape& index);

/// From `cpb_mlp`, the network of Swin Transformer V2 on `relative_coords_table`.
/// \throws Error W002 if the table is not that of such windows
Value continuous_bias(Scope s, std::int64_t side, std::int64_t heads);

}  // namespace tv2onnx
