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
struct WindowAxis {
  Value side;     ///< int64 [1]: of its windows
  Value windows;  ///< int64 [1]: how many
  Value source;   ///< int64 [padded]: the position that comes to each place
  Value region;   ///< int64 [padded]: 1 for what was rolled over the edge
  Value window;   ///< int64 [length]: where each position went
  Value within;
};

WindowAxis window_axis_of(Value length, std::int64_t side, std::int64_t shift, bool fitted) {
  Graph& graph = *length.graph;
  const Value whole = ints(graph, {side});
  WindowAxis axis;
  axis.side = fitted ? minimum(whole, length) : whole;
  axis.windows = (length + (axis.side - ints(graph, {1}))) / axis.side;
  const Value padded = axis.windows * axis.side;
  const Value rolled =
      cast(greater(padded, axis.side), DType::kInt64) * ints(graph, {shift});  // or nothing
  const Value places = range(padded);
  axis.source = mod(places + rolled, padded);
  axis.region = cast(greater_or_equal(places, padded - rolled), DType::kInt64);
  const Value place = mod(range(length) + (padded - rolled), padded);
  axis.window = place / axis.side;
  axis.within = mod(place, axis.side);
  return axis;
}

Value product(Graph& graph, const std::vector<Value>& sizes) {
  Value all = ints(graph, {1});
  for (const Value& size : sizes) all = all * size;
  return all;
}

/// [length] along axis k of n.
Value along(Value x, std::size_t k, std::size_t n) {
  std::vector<std::int64_t> shape(n, 1);
  shape[k] = -1;
  return reshape(x, std::move(shape));
}

/// [padded] of axis k, to be broadcast over [windows of each axis, places of each axis in them].
Value in_windows(const std::vector<WindowAxis>& axes, std::size_t k, Value of_places) {
  Graph& graph = *of_places.graph;
  std::vector<std::int64_t> before(axes.size() + k, 1);
  before[k] = -1;
  std::vector<Value> shape{ints(graph, std::move(before)), axes[k].side};
  const std::vector<std::int64_t> after(axes.size() - k - 1, 1);
  if (!after.empty()) shape.push_back(ints(graph, after));
  return reshape_to(of_places, concat(shape, 0));
}

/// -100 where two tokens of a window are of different regions.
Value mask_of(const std::vector<WindowAxis>& axes, Value count) {
  Graph& graph = *count.graph;
  Value regions = in_windows(axes, 0, axes[0].region);
  for (std::size_t k = 1; k < axes.size(); ++k) {
    regions = regions * 2.0 + in_windows(axes, k, axes[k].region);
  }
  const Value any = ints(graph, {-1, 1});
  const Value one = ints(graph, {1});
  const Value of_tokens = reshape_to(regions, concat({any, count, one}, 0));
  const Value same = equal(of_tokens, reshape_to(regions, concat({any, one, count}, 0)));
  return (cast(same, DType::kFloat32) - 1.0) * -kMasked;
}

/// The token of each place.
Value tokens_of(const std::vector<WindowAxis>& axes, const TokenMap& map) {
  Value token = in_windows(axes, 0, axes[0].source);
  Value inside = less(token, map.size[0]);
  for (std::size_t k = 1; k < axes.size(); ++k) {
    const Value source = in_windows(axes, k, axes[k].source);
    token = token * map.size[k] + source;
    inside = logical_and(inside, less(source, map.size[k]));
  }
  return reshape(where(inside, token, product(*token.graph, map.size)), {-1});
}

/// The place of each token.
Value places_of(const std::vector<WindowAxis>& axes, Value count) {
  Value window = along(axes[0].window, 0, axes.size());
  Value within = along(axes[0].within, 0, axes.size());
  for (std::size_t k = 1; k < axes.size(); ++k) {
    window = window * axes[k].windows + along(axes[k].window, k, axes.size());
    within = within * axes[k].side + along(axes[k].within, k, axes.size());
  }
  return reshape(window * count + within, {-1});
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
  const auto list = [](const std::vector<std::int64_t>& sizes) {
    SettingList settings;
    for (const std::int64_t size : sizes) settings.push_back({size});
    return Setting{std::move(settings)};
  };
  const ModuleKind kind = spec.cosine            ? ModuleKind::kWindowAttentionV2
                          : spec.side.size() > 2 ? ModuleKind::kWindowAttention3d
                                                 : ModuleKind::kWindowAttention;
  s.computes(kind, {{"window_size", list(spec.side)},
                    {"shift_size", list(spec.shift)},
                    {"num_heads", {spec.heads}}});
  (s / "qkv").computes(ModuleKind::kLinear);
}

/// What is added to the scores of each window.
Value bias_of_windows(Scope s, const Windows& windows, const WindowAttention& spec) {
  const std::int64_t count = places_in(spec.side);
  if (spec.cosine) return continuous_bias(s, spec.side, spec.heads);
  if (!spec.fitted) return table_bias(s, spec.side, spec.heads, {count * count});
  // torch takes the first rows and columns, whatever places they are of.
  const Value whole = table_bias(s, spec.side, spec.heads, {count, count});
  return slice_to(slice_to(whole, 1, windows.count), 2, windows.count);
}

}  // namespace

Windows windows_of(const TokenMap& map, const WindowAttention& spec) {
  Graph& graph = *map.tokens.graph;
  std::vector<WindowAxis> axes;
  std::vector<Value> sides;
  for (std::size_t k = 0; k < map.size.size(); ++k) {
    axes.push_back(window_axis_of(map.size[k], spec.side[k], spec.shift[k], spec.fitted));
    sides.push_back(axes.back().side);
  }
  Windows windows;
  windows.count = spec.fitted ? product(graph, sides) : ints(graph, {places_in(spec.side)});
  windows.tokens = tokens_of(axes, map);
  windows.places = places_of(axes, windows.count);
  if (std::ranges::max(spec.shift) > 0) windows.mask = mask_of(axes, windows.count);
  return windows;
}

Value window_attention(Scope s, Value tokens, const Windows& windows, const WindowAttention& spec) {
  computes_window_attention(s, spec);
  const NameScope names(s.graph(), s.prefix());
  const std::int64_t channels = tokens.dim(2).number();
  const Value placed = gather(pad_axis(tokens, 1, 0, 1), windows.tokens, 1);
  Projected parts =
      split_windows(project({.scope = s / "qkv", .key_bias = !spec.cosine}, placed, placed),
                    spec.heads, windows.count);
  Value bias = bias_of_windows(s, windows, spec);
  if (spec.cosine) {
    parts.query = unit(parts.query, 4, length_of_queries(s, spec.heads));
    parts.key = unit(parts.key, 3, {});
  }
  if (windows.mask) bias = bias + windows.mask;
  const double scale = 1 / std::sqrt(static_cast<double>(channels / spec.heads));
  const Value attended = attend(parts, spec.cosine ? 1 : scale, bias, channels);
  // Back before the last layer, which then has no padding to work on.
  return linear_of_rows(s / "proj", gather(attended, windows.places, 1), channels);
}

TokenMap cells_of_four(const TokenMap& map) {
  Graph& graph = *map.tokens.graph;
  const std::size_t axes = map.size.size();
  const Value height = map.size[axes - 2];
  const Value width = map.size[axes - 1];
  TokenMap cells = map;
  const auto halved = [&](Value length) { return (length + ints(graph, {1})) / ints(graph, {2}); };
  cells.size[axes - 2] = halved(height);
  cells.size[axes - 1] = halved(width);
  const auto first = [&](std::size_t k) { return range(cells.size[k]) * ints(graph, {2}); };
  const Value row = along(first(axes - 2), 0, 3) + ints(graph, {0, 1, 0, 1});
  const Value column = along(first(axes - 1), 1, 3) + ints(graph, {0, 0, 1, 1});
  const Value inside = logical_and(less(row, height), less(column, width));
  Value token = row * width + column;
  if (axes > 2) token = along(range(map.size[0]), 0, 4) * (height * width) + token;
  const Value tokens = reshape(where(inside, token, product(graph, map.size)), {-1});
  const std::int64_t channels = map.tokens.dim(2).number();
  cells.tokens = reshape(gather(pad_axis(map.tokens, 1, 0, 1), tokens, 1), {0, -1, 4 * channels});
  return cells;
}

}  // namespace tv2onnx
