#pragma once
// Biases of attention by the relative position of two tokens of a window: constants, which are
// computed while building. Tables as in torchvision/models/swin_transformer.py and maxvit.py.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "graph/ops.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// How many places a window of these sides has.
std::int64_t places_in(const std::vector<std::int64_t>& side);

/// For each pair of places of a window, which entry of the table is theirs.
std::vector<std::size_t> relative_positions(const std::vector<std::int64_t>& side);

/// From `relative_position_bias_table`: [heads, places, places].
/// \param side of windows, for each of their axes
/// \param index the shape of `relative_position_index`, which must be that of such windows
/// \throws Error W002 if it is not
Value table_bias(Scope s, const std::vector<std::int64_t>& side, std::int64_t heads,
                 const Shape& index);

/// The same of square windows from `cpb_mlp`, the network of Swin Transformer V2 on
/// `relative_coords_table`. \throws Error W002 if the table is not that of such windows
Value continuous_bias(Scope s, const std::vector<std::int64_t>& side, std::int64_t heads);

}  // namespace tv2onnx
