#pragma once
// Attention in shifted windows (arXiv:2103.14030, arXiv:2111.09883, arXiv:2106.13230;
// torchvision/models/swin_transformer.py, video/swin_transformer.py) for maps and clips of any
// size. What falls into which window, where the map is padded and what may not see what: all of it
// is computed in the graph, per axis, from the size of the map.

#include <cstdint>
#include <vector>

#include "graph/ops.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// The channels of a map or a clip, position after position.
struct TokenMap {
  Value tokens;             ///< [n, positions, channels]
  std::vector<Value> size;  ///< int64 [1] each: height, width; of a clip, time before them
};

/// How a map falls into windows.
struct Windows {
  Value tokens;  ///< int64 [windows * places of each]: the token of each place; of padding the one
                 ///< behind the last
  Value places;  ///< int64 [positions]: the place of each token
  Value mask;    ///< [windows, 1, places, places], -100 or 0; absent without shift
  Value count;   ///< int64 [1]: the places of a window
};

struct WindowAttention {
  std::int64_t heads = 1;
  std::vector<std::int64_t> side{7, 7};   ///< of windows, for each axis of the map
  std::vector<std::int64_t> shift{0, 0};  ///< back along it; an axis that is one window is not
  bool fitted = false;  ///< where a map is shorter than a window, the window is as short
  bool cosine = false;  ///< Swin Transformer V2
};

Windows windows_of(const TokenMap& map, const WindowAttention& spec);

/// ShiftedWindowAttention, ShiftedWindowAttentionV2, ShiftedWindowAttention3d.
Value window_attention(Scope s, Value tokens, const Windows& windows, const WindowAttention& spec);

/// The four positions of each cell of 2x2, one after the other: [n, cells, 4 * channels]. A clip
/// has as many frames of them as before.
TokenMap cells_of_four(const TokenMap& map);

}  // namespace tv2onnx
