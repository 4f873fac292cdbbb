#include "nn/multiscale_attention.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "nn/module_kinds.h"
#include "nn/relative_distances.h"

namespace tv2onnx {
namespace {

using Grid = std::array<std::int64_t, 3>;

std::int64_t places(const Grid& grid) {
  return grid[0] * grid[1] * grid[2];
}

/// Tokens of several heads: [n, heads, 1 + places, channels].
struct HeadTokens {
  Value x;
  std::int64_t heads = 1;
  std::int64_t channels = 0;
  Grid grid{};
};

/// The layer of the clip [n heads, channels, time, height, width] that the tokens are, without the
/// class token.
template <typename Layer>
HeadTokens pooled(const HeadTokens& tokens, std::int64_t stride, const Layer& layer) {
  const auto& [t, h, w] = tokens.grid;
  const Value token = pick(tokens.x, {0}, 2);
  const Value rest = transpose(slice(tokens.x, {.axis = 2, .start = 1}), {0, 1, 3, 2});
  const Value y = layer(reshape(rest, {-1, tokens.channels, t, h, w}));
  const Grid grid{t, (h - 1) / stride + 1, (w - 1) / stride + 1};
  const Value rows =
      transpose(reshape(y, {-1, tokens.heads, tokens.channels, places(grid)}), {0, 1, 3, 2});
  return {concat({token, rows}, 2), tokens.heads, tokens.channels, grid};
}

/// Pool of a depthwise convolution, with LayerNorm behind it.
HeadTokens pooled_by_convolution(Scope s, const HeadTokens& tokens, std::int64_t stride) {
  if (!s.has("pool.weight")) return tokens;
  s.computes(ModuleKind::kMvitPool, {{"norm_before_pool", {false}}});
  const NameScope names(s.graph(), s.prefix());
  HeadTokens result = pooled(tokens, stride, [&](Value clip) {
    return conv3d(s / "pool", clip,
                  {.out = tokens.channels,
                   .kernel = {3, 3, 3},
                   .stride = {1, stride, stride},
                   .padding = {1, 1, 1},
                   .groups = tokens.channels});
  });
  result.x = layer_norm(s / "norm_act" / 0, result.x, kMvitNormEps);
  return result;
}

/// What each query adds for each row, column and time of the keys, [n, heads, 1 + places, rows +
/// columns + times], nothing for the class token.
Value relative_scores(Scope s, const HeadTokens& query, const Grid& keys) {
  const auto& [t, h, w] = query.grid;
  const std::int64_t channels = query.channels;
  const auto table = [&](const char* leaf, std::size_t axis) {
    return relative_table(s, leaf, channels, query.grid[axis], keys[axis]);
  };
  const Value rest = slice(query.x, {.axis = 2, .start = 1});
  const Value volume = reshape(rest, {-1, query.heads, t, h, w, channels});
  const Value rows = matmul(volume, table("rel_pos_h", 1));
  const Value columns = transpose(
      matmul(transpose(volume, {0, 1, 2, 4, 3, 5}), table("rel_pos_w", 2)), {0, 1, 2, 4, 3, 5});
  const Value times =
      matmul(reshape(rest, {-1, query.heads, t, h * w, channels}), table("rel_pos_t", 0));
  const auto flat = [&](Value scores, std::size_t axis) {
    return reshape(scores, {-1, query.heads, places(query.grid), keys[axis]});
  };
  const Value all = concat({flat(rows, 1), flat(columns, 2), flat(times, 0)}, 3);
  return pad(all, ints(s.graph(), {0, 0, 1, 0, 0, 0, 0, 0}));
}

/// Which row, column and time each key is at, [1, 1, 1 + places, rows + columns + times], so that
/// the product with relative_scores() adds what belongs to it.
Value places_of_keys(Graph& graph, const Grid& grid) {
  const auto& [t, h, w] = grid;
  const std::int64_t width = h + w + t;
  std::vector<float> one(static_cast<std::size_t>((1 + places(grid)) * width), 0.0F);
  for (std::int64_t k = 0; k < places(grid); ++k) {
    const std::int64_t row = (1 + k) * width;
    one[static_cast<std::size_t>(row + k / w % h)] = 1;
    one[static_cast<std::size_t>(row + h + k % w)] = 1;
    one[static_cast<std::size_t>(row + h + w + k / (h * w))] = 1;
  }
  return constant(graph, make_tensor({1, 1, 1 + places(grid), width}, std::move(one)));
}

Value attention_scores(Scope s, const HeadTokens& query, const HeadTokens& key) {
  const double scale = 1 / std::sqrt(static_cast<double>(query.channels));
  Value scaled = query.x * scale;
  Value keys = key.x;
  if (s.has("rel_pos_h")) {
    scaled = concat({scaled, relative_scores(s, query, key.grid)}, 3);
    const Value at = places_of_keys(s.graph(), key.grid);
    const Value count = concat({pick(shape_of(key.x), {0, 1, 2}, 0),
                                ints(s.graph(), {key.grid[0] + key.grid[1] + key.grid[2]})},
                               0);
    keys = concat({keys, expand(at, count)}, 3);
  }
  return softmax(matmul(scaled, transpose(keys, {0, 1, 3, 2})), 3);
}

/// 0 for the class token, else 1.
Value all_but_class(Graph& graph, std::int64_t count) {
  std::vector<float> factors(static_cast<std::size_t>(1 + count), 1.0F);
  factors[0] = 0;
  return constant(graph, make_tensor({1, 1, 1 + count, 1}, std::move(factors)));
}

}  // namespace

ClipTokens multiscale_attention(Scope s, const ClipTokens& tokens,
                                const MultiscaleAttention& options) {
  s.computes(ModuleKind::kMvitAttention, {{"num_heads", {options.heads}},
                                          {"residual_pool", {options.residual}},
                                          {"residual_with_cls_embed", {false}}});
  const NameScope names(s.graph(), s.prefix());
  const Value all = linear_of_rows(s / "qkv", tokens.x, kAny);
  // At least one, so that a missing weight is reported and no number divided by 0.
  const std::int64_t rows_of_weight = s.graph().info(all.id).dims->back().number();
  const std::int64_t channels = std::max<std::int64_t>(1, rows_of_weight / 3 / options.heads);
  const std::int64_t width = channels * options.heads;
  const Value parts = transpose(
      reshape(all, {-1, 1 + places(tokens.grid), 3, options.heads, channels}), {2, 0, 3, 1, 4});
  const auto part = [&](std::int64_t index) {
    return HeadTokens{squeeze(pick(parts, {index}, 0), {0}), options.heads, channels, tokens.grid};
  };
  const HeadTokens key = pooled_by_convolution(s / "pool_k", part(1), options.key_stride);
  const HeadTokens value = pooled_by_convolution(s / "pool_v", part(2), options.key_stride);
  const HeadTokens query = pooled_by_convolution(s / "pool_q", part(0), options.query_stride);
  Value found = matmul(attention_scores(s, query, key), value.x);
  if (options.residual) found = found + query.x * all_but_class(s.graph(), places(query.grid));
  const Value rows = reshape(transpose(found, {0, 2, 1, 3}), {-1, 1 + places(query.grid), width});
  return {linear_of_rows(s / "project" / 0, rows, kAny), query.grid};
}

ClipTokens halved(Scope s, const ClipTokens& tokens) {
  s.computes(ModuleKind::kMvitPool);
  const NameScope names(s.graph(), s.prefix());
  const std::int64_t channels = s.graph().info(tokens.x.id).dims->back().number();
  const HeadTokens result =
      pooled({unsqueeze(tokens.x, {1}), 1, channels, tokens.grid}, 2, [&](Value clip) {
        return max_pool3d(s / "pool", clip, {{1, 3, 3}, {1, 2, 2}, {0, 1, 1}});
      });
  return {squeeze(result.x, {1}), result.grid};
}

}  // namespace tv2onnx
