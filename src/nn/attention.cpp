#include "nn/attention.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

#include "nn/layers.h"
#include "nn/module_kinds.h"

namespace tv2onnx {
namespace {

constexpr auto kParts = std::to_array<std::string_view>({"query", "key", "value"});

/// A third of a packed tensor, which stays where it lies.
Value third(Scope s, std::string_view leaf, const Shape& shape, std::size_t k) {
  Tensor whole = s.tensor(leaf, shape);
  const std::int64_t rows = shape[0] / 3;
  const std::int64_t stride =
      whole.strides.empty() ? element_count(shape) / shape[0] : whole.strides[0];
  whole.shape[0] = rows;
  if (whole.data != nullptr) {
    whole.data += static_cast<std::int64_t>(k) * rows * stride *
                  static_cast<std::int64_t>(dtype_size(whole.dtype));
  }
  return s.graph().add_weight(fmt::format("{}.{}.{}", s.prefix(), leaf, kParts[k]), whole);
}

Value projected(const PackedProjection& layer, Value tokens, std::size_t k, bool bias) {
  const NameScope names(layer.scope.graph(), layer.scope.prefix());
  const std::int64_t channels = tokens.dim(2).number();
  const Value weight = third(layer.scope, layer.weight, {3 * channels, channels}, k);
  const Value y = matmul(tokens, transpose(weight, {1, 0}));
  return bias ? y + third(layer.scope, layer.bias, {3 * channels}, k) : y;
}

/// \param parts [n, windows, tokens, heads, channels of a head]
Value heads_first(Value parts, bool channels_first) {
  // One transposition does for keys what the product needs.
  return transpose(parts, channels_first ? std::vector<std::int64_t>{0, 1, 3, 4, 2}
                                         : std::vector<std::int64_t>{0, 1, 3, 2, 4});
}

}  // namespace

Projected project(const PackedProjection& layer, Value queries, Value tokens) {
  return {projected(layer, queries, 0, true), projected(layer, tokens, 1, layer.key_bias),
          projected(layer, tokens, 2, true)};
}

Projected split_heads(const Projected& all, const WindowSize& size) {
  const auto cut = [&](Value x, std::int64_t tokens) {
    return reshape(x, {0, -1, tokens, size.heads, x.dim(2).number() / size.heads});
  };
  return {heads_first(cut(all.query, size.queries), false),
          heads_first(cut(all.key, size.keys), true),
          heads_first(cut(all.value, size.keys), false)};
}

Projected split_windows(const Projected& all, std::int64_t heads, Value count) {
  Graph& graph = *count.graph;
  const std::int64_t width = all.query.dim(2).number() / heads;
  const Value shape = concat({ints(graph, {0, -1}), count, ints(graph, {heads, width})}, 0);
  const auto cut = [&](Value x) {
    return reshape_to(x, shape, Dims{x.dim(0), {}, {}, heads, width});
  };
  return {heads_first(cut(all.query), false), heads_first(cut(all.key), true),
          heads_first(cut(all.value), false)};
}

Value attend(const Projected& parts, double scale, Value bias, std::int64_t channels) {
  Value scores = matmul(parts.query, parts.key);
  if (scale != 1) scores = scores * scale;
  if (bias) scores = scores + bias;
  const Value y = matmul(softmax(scores, -1), parts.value);
  return reshape(transpose(y, {0, 1, 3, 2, 4}), {0, -1, channels});
}

Value self_attention(Scope s, Value tokens, std::int64_t heads, bool first_only) {
  s.computes(ModuleKind::kMultiheadAttention, {{"num_heads", {heads}},
                                               {"batch_first", {true}},
                                               {"bias_k", {}},
                                               {"bias_v", {}},
                                               {"add_zero_attn", {false}}});
  const NameScope names(s.graph(), s.prefix());
  const std::int64_t channels = tokens.dim(2).number();
  const std::int64_t count = tokens.dim(1).number();
  const Value queries = first_only ? pick(tokens, {0}, 1) : tokens;
  const Projected parts = split_heads(
      project({.scope = s, .weight = "in_proj_weight", .bias = "in_proj_bias"}, queries, tokens),
      {.heads = heads, .queries = first_only ? 1 : count, .keys = count});
  const double scale = 1 / std::sqrt(static_cast<double>(channels / heads));
  return linear_of_rows(s / "out_proj", attend(parts, scale, {}, channels), channels);
}

}  // namespace tv2onnx
