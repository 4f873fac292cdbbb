#include "nn/window_attention.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "nn/attention.h"
#include "nn/layers.h"
#include "nn/module_kinds.h"
#include "nn/relative_position.h"

namespace tv2onnx {
namespace {

constexpr double kMasked = -100;  // not minus infinity: what is masked still counts a little
constexpr double kLeastNorm = 1e-12;

/// One axis of the map.
struct Axis {
  Value windows;  ///< int64 [1]: how many
  Value source;   ///< int64 [padded]: the position that comes to each place
  Value region;   ///< int64 [padded]: 1 for what was rolled over the edge
  Value window;   ///< int64 [length]: where each position went
  Value within;
};

Axis axis_of(Value length, std::int64_t side, std::int64_t shift) {
  Graph& graph = *length.graph;
  const Value step = ints(graph, {side});
  Axis axis;
  axis.windows = (length + ints(graph, {side - 1})) / step;
  const Value padded = axis.windows * step;
  const Value rolled =
      cast(greater(padded, step), DType::kInt64) * ints(graph, {shift});  // or nothing
  const Value places = range(padded);
  axis.source = mod(places + rolled, padded);
  axis.region = cast(greater_or_equal(places, padded - rolled), DType::kInt64);
  const Value place = mod(range(length) + (padded - rolled), padded);
  axis.window = place / step;
  axis.within = mod(place, step);
  return axis;
}

/// -100 where two tokens of a window are of different regions.
Value mask_of(const Axis& rows, const Axis& columns, std::int64_t side) {
  const Value regions =
      reshape(rows.region, {-1, 1, side, 1}) * 2 + reshape(columns.region, {1, -1, 1, side});
  const Value of_tokens = reshape(regions, {-1, 1, side * side, 1});
  const Value same = equal(of_tokens, reshape(regions, {-1, 1, 1, side * side}));
  return (cast(same, DType::kFloat32) - 1.0) * -kMasked;
}

/// x / |x|, and what is asked for of that length.
Value unit(Value x, std::int64_t axis, Value length) {
  const Value norm = maximum(reduce_l2(x, {axis}, true), scalar_like(x, kLeastNorm));
  return length ? x * (length / norm) : x / norm;
}

/// exp(logit_scale), which is at most 100.
Value length_of_queries(Scope s, std::int64_t heads) {
  const Tensor stored = s.tensor("logit_scale", {heads, 1, 1});
  std::vector<float> lengths(static_cast<std::size_t>(heads));
  if (stored.data != nullptr) lengths = to_float(stored);
  for (float& length : lengths) {
    length = static_cast<float>(std::exp(std::min<double>(length, std::log(100.0))));
  }
  return constant(s.graph(), make_tensor({heads, 1, 1}, std::move(lengths)));
}

void computes_window_attention(Scope s, const WindowAttention& spec) {
  const auto both = [](std::int64_t size) { return Setting{SettingList{{size}, {size}}}; };
  s.computes(spec.cosine ? ModuleKind::kWindowAttentionV2 : ModuleKind::kWindowAttention,
             {{"window_size", both(spec.side)},
              {"shift_size", both(spec.shift)},
              {"num_heads", {spec.heads}}});
  (s / "qkv").computes(ModuleKind::kLinear);
}

}  // namespace

Windows windows_of(const TokenMap& map, std::int64_t side, std::int64_t shift) {
  Graph& graph = *map.tokens.graph;
  const Axis rows = axis_of(map.height, side, shift);
  const Axis columns = axis_of(map.width, side, shift);
  const Value row = reshape(rows.source, {-1, 1, side, 1});
  const Value column = reshape(columns.source, {1, -1, 1, side});
  const Value inside = logical_and(less(row, map.height), less(column, map.width));
  Windows windows;
  windows.tokens = reshape(where(inside, row * map.width + column, map.height * map.width), {-1});
  const Value size = ints(graph, {side * side});
  const Value of_row = rows.window * (columns.windows * size) + rows.within * ints(graph, {side});
  windows.places =
      reshape(reshape(of_row, {-1, 1}) + (columns.window * size + columns.within), {-1});
  if (shift > 0) windows.mask = mask_of(rows, columns, side);
  return windows;
}

Value window_attention(Scope s, Value tokens, const Windows& windows, const WindowAttention& spec) {
  computes_window_attention(s, spec);
  const NameScope names(s.graph(), s.prefix());
  const std::int64_t channels = tokens.dim(2).number();
  const std::int64_t size = spec.side * spec.side;
  const Value placed = gather(pad_axis(tokens, 1, 0, 1), windows.tokens, 1);
  Projected parts =
      split_heads(project({.scope = s / "qkv", .key_bias = !spec.cosine}, placed, placed),
                  {.heads = spec.heads, .queries = size, .keys = size});
  Value bias;
  if (spec.cosine) {
    parts.query = unit(parts.query, 4, length_of_queries(s, spec.heads));
    parts.key = unit(parts.key, 3, {});
    bias = continuous_bias(s, spec.side, spec.heads);
  } else {
    bias = table_bias(s, spec.side, spec.heads, {size * size});
  }
  if (windows.mask) bias = bias + windows.mask;
  const double scale = 1 / std::sqrt(static_cast<double>(channels / spec.heads));
  const Value attended = attend(parts, spec.cosine ? 1 : scale, bias, channels);
  // Back before the last layer, which then has no padding to work on.
  return linear_of_rows(s / "proj", gather(attended, windows.places, 1), channels);
}

TokenMap cells_of_four(const TokenMap& map) {
  Graph& graph = *map.tokens.graph;
  const Value two = ints(graph, {2});
  const Value height = (map.height + ints(graph, {1})) / two;
  const Value width = (map.width + ints(graph, {1})) / two;
  const Value row = reshape(range(height) * two, {-1, 1, 1}) + ints(graph, {0, 1, 0, 1});
  const Value column = reshape(range(width) * two, {1, -1, 1}) + ints(graph, {0, 0, 1, 1});
  const Value inside = logical_and(less(row, map.height), less(column, map.width));
  const Value tokens =
      reshape(where(inside, row * map.width + column, map.height * map.width), {-1});
  const std::int64_t channels = map.tokens.dim(2).number();
  const Value cells = gather(pad_axis(map.tokens, 1, 0, 1), tokens, 1);
  return {reshape(cells, {0, -1, 4 * channels}), height, width};
}

}  // namespace tv2onnx
