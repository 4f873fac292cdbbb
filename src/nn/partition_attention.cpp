#include "nn/partition_attention.h"

#include <cmath>
#include <string>
#include <vector>

#include "nn/attention.h"
#include "nn/layers.h"
#include "nn/module_kinds.h"
#include "nn/relative_position.h"

namespace tv2onnx {
namespace {

constexpr double kEps = 1e-5;  // of LayerNorm
constexpr std::int64_t kHeadWidth = 32;
constexpr std::int64_t kTokens = kPartition * kPartition;

/// Each axis is cut in two. Of a window the inner half attends to itself, of a grid the outer one.
std::vector<std::int64_t> order(bool grid) {
  return grid ? std::vector<std::int64_t>{0, 3, 5, 2, 4, 1}
              : std::vector<std::int64_t>{0, 2, 4, 3, 5, 1};
}
std::vector<std::int64_t> order_back(bool grid) {
  return grid ? std::vector<std::int64_t>{0, 5, 3, 1, 4, 2}
              : std::vector<std::int64_t>{0, 5, 1, 3, 2, 4};
}

/// RelativePositionalMultiHeadAttention. The scale is of all channels, not of a head's.
Value relative_attention(Scope s, Value tokens) {
  const std::int64_t channels = tokens.dim(2).number();
  const std::int64_t heads = channels / kHeadWidth;
  const double scale = 1 / std::sqrt(static_cast<double>(channels));
  s.computes(ModuleKind::kMaxVitAttention, {{"n_heads", {heads}},
                                            {"head_dim", {kHeadWidth}},
                                            {"max_seq_len", {kTokens}},
                                            {"scale_factor", {scale}}});
  const NameScope names(s.graph(), s.prefix());
  const Scope packed = s / "to_qkv";
  packed.computes(ModuleKind::kLinear);
  const Projected parts = split_heads(project({.scope = packed}, tokens, tokens),
                                      {.heads = heads, .queries = kTokens, .keys = kTokens});
  const Value bias = table_bias(s, {kPartition, kPartition}, heads, {kTokens, kTokens});
  return linear_of_rows(s / "merge", attend(parts, scale, bias, channels), channels);
}

}  // namespace

Value partition_attention(Scope s, Value x, std::int64_t side, bool grid) {
  const std::int64_t channels = x.dim(1).number();
  const std::int64_t count = side / kPartition;
  s.computes(ModuleKind::kMaxVitPartition,
             {{"partition_type", {std::string(grid ? "grid" : "window")}},
              {"grid_size", {SettingList{{side}, {side}}}},
              {"p", {grid ? count : kPartition}}});
  const NameScope names(s.graph(), s.prefix());
  const std::int64_t outer = grid ? kPartition : count;
  const std::int64_t inner = grid ? count : kPartition;
  const Value cut = reshape(x, {0, channels, outer, inner, outer, inner});
  Value tokens = reshape(transpose(cut, order(grid)), {0, side * side, channels});
  const Scope attention = s / "attn_layer";
  tokens = tokens + relative_attention(attention / 1, layer_norm(attention / 0, tokens, kEps));
  const Scope layers = s / "mlp_layer";
  Value y = linear_of_rows(layers / 1, layer_norm(layers / 0, tokens, kEps), 4 * channels);
  y = linear_of_rows(layers / 3, activate(layers / 2, y, Activation::kGelu), channels);
  const Value pieces = reshape(tokens + y, {0, count, count, kPartition, kPartition, channels});
  return reshape(transpose(pieces, order_back(grid)), {0, channels, side, side});
}

}  // namespace tv2onnx
