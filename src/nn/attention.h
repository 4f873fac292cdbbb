#pragma once
// Scaled dot-product attention (arXiv:1706.03762) among the tokens of a window. Tokens are
// [n, windows * tokens, channels], window after window; a network without windows has one.

#include <cstdint>
#include <string_view>

#include "graph/ops.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// The layer that makes queries, keys and values: their weights lie in one tensor, in this order.
struct PackedProjection {
  Scope scope;
  std::string_view weight = "weight";
  std::string_view bias = "bias";
  bool key_bias = true;  ///< false: that of the keys is not added, whatever the file has
};

struct Projected {
  Value query;
  Value key;
  Value value;
};
/// \param queries the tokens whose attention is asked for; of all: `tokens`
Projected project(const PackedProjection& layer, Value queries, Value tokens);

struct WindowSize {
  std::int64_t heads = 1;
  std::int64_t queries = 1;  ///< of a window
  std::int64_t keys = 1;     ///< of a window
};
/// [n, windows * tokens, channels] -> [n, windows, heads, tokens, channels of a head]
Projected split_heads(const Projected& all, const WindowSize& size);
/// The same of windows whose number of tokens, int64 [1], the graph computes.
Projected split_windows(const Projected& all, std::int64_t heads, Value count);

/// \param parts as split_heads gives them
/// \param bias what is added to the scores of each window, [..., heads, queries, keys]; may be
/// absent
/// \return [n, windows * queries, channels]
Value attend(const Projected& parts, double scale, Value bias, std::int64_t channels);

/// nn.MultiheadAttention of tokens [n, tokens, channels] to themselves.
/// \param first_only only the first token's attention is computed: [n, 1, channels]
Value self_attention(Scope s, Value tokens, std::int64_t heads, bool first_only);

}  // namespace tv2onnx
