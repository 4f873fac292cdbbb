#pragma once
// Attention in shifted windows (arXiv:2103.14030, arXiv:2111.09883;
// torchvision/models/swin_transformer.py) for maps of any size. What falls into which window,
// where the map is padded and what may not see what: all of it is computed in the graph, per axis,
// from the size of the map.

#include <cstdint>

#include "graph/ops.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// The channels of a map, position after position.
struct TokenMap {
  Value tokens;  ///< [n, height * width, channels]
  Value height;  ///< int64 [1]
  Value width;
};

/// How a map falls into windows.
struct Windows {
  Value tokens;  ///< int64 [windows * side^2]: the token of each place; of padding the one behind
                 ///< the last
  Value places;  ///< int64 [height * width]: the place of each token
  Value mask;    ///< [windows, 1, side^2, side^2], -100 or 0; absent without shift
};
/// \param shift by which the map is rolled up and left. An axis that is one window is not.
Windows windows_of(const TokenMap& map, std::int64_t side, std::int64_t shift);

struct WindowAttention {
  std::int64_t heads = 1;
  std::int64_t side = 7;
  std::int64_t shift = 0;
  bool cosine = false;  ///< Swin Transformer V2
};
/// ShiftedWindowAttention, ShiftedWindowAttentionV2.
Value window_attention(Scope s, Value tokens, const Windows& windows, const WindowAttention& spec);

/// The four positions of each 2x2 cell, one after the other: [n, cells, 4 * channels].
TokenMap cells_of_four(const TokenMap& map);

}  // namespace tv2onnx
