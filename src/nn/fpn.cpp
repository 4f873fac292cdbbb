#include "nn/fpn.h"

#include <algorithm>
#include <cmath>

#include "nn/layers.h"
#include "nn/module_kinds.h"

namespace tv2onnx {
namespace {

/// Conv2dNormActivation without activation, or its bare convolution.
Value block(Scope s, Value x, Conv2d options, double norm_eps) {
  if (!s.has("1.running_mean")) return conv2d(wrapped_conv(s, 1), x, options);
  options.bias = false;
  return batch_norm(s / 1, conv2d(s / 0, x, options), norm_eps);
}

/// The same where both sizes are numbers.
Value interpolate_axis(Value x, std::int64_t axis, std::int64_t from, std::int64_t to) {
  const float scale = static_cast<float>(from) / static_cast<float>(to);
  std::vector<std::int64_t> cells;
  for (std::int64_t k = 0; k < to; ++k) {
    const auto cell = static_cast<std::int64_t>(std::floor(static_cast<float>(k) * scale));
    cells.push_back(std::min(cell, from - 1));
  }
  return pick(x, std::move(cells), axis);
}

/// F.interpolate(mode="nearest") to `size` along an axis: cell k reads floor(k * scale), all in
/// float32.
Value interpolate_axis(Value x, std::int64_t axis, Value size) {
  const Dim known = x.dim(static_cast<std::size_t>(axis));
  const Tensor* wanted = x.graph->initializer(size.id);
  if (known.is_number() && wanted != nullptr) {
    return interpolate_axis(x, axis, known.number(), to_int64(*wanted)[0]);
  }
  const Value from = size_of(x, axis);
  const Value scale = cast(from, DType::kFloat32) / cast(size, DType::kFloat32);
  const Value cell = cast(floor(cast(range(size), DType::kFloat32) * scale), DType::kInt64);
  return gather(x, minimum(cell, from - 1.0), axis);
}

/// `above` at the size of the next finer map. Resize agrees with F.interpolate where a map has as
/// many cells as halving, rounded up, leaves: n and 2 n or 2 n - 1 have no common factor that could
/// bring k * scale near an integer other than by being exact. For larger steps rounding decides.
Value enlarged(Value above, Value finer, std::int64_t step) {
  if (step == 2) return resize_nearest(above, shape_of(finer));
  return interpolate_axis(interpolate_axis(above, 2, size_of(finer, 2)), 3, size_of(finer, 3));
}

void add_p6_p7(Scope s, const FeatureMap& coarsest_input, std::vector<FeatureMap>& levels) {
  const FeatureMap last = levels.back();
  // LastLevelP6P7.use_P5: decided by the number of channels that p6 was made for.
  const std::optional<Shape> weight = (s / "p6").shape("weight");
  const bool from_pyramid = weight && weight->size() == 4 && (*weight)[1] == (*weight)[0];
  s.computes(ModuleKind::kLastLevelP6P7, {{"use_P5", {from_pyramid}}});
  const Conv2d halving{.out = last.x.dim(1).number(), .kernel = 3, .stride = 2};
  const Value p6 = conv2d(s / "p6", from_pyramid ? last.x : coarsest_input.x, halving);
  levels.push_back({p6, last.stride * 2, "p6"});
  const NameScope names(s.graph(), (s / "p7").prefix());
  levels.push_back({conv2d(s / "p7", relu(p6), halving), last.stride * 4, "p7"});
}

}  // namespace

std::vector<FeatureMap> feature_pyramid(Scope s, const std::vector<FeatureMap>& maps,
                                        double norm_eps, bool pooled) {
  s.computes(ModuleKind::kPyramid);
  std::vector<FeatureMap> levels;
  Value above;
  std::int64_t out = kAny;
  for (std::size_t k = maps.size(); k-- > 0;) {
    Value inner = block(s / "inner_blocks" / k, maps[k].x, {.out = out}, norm_eps);
    out = inner.dim(1).number();
    if (above) {
      const NameScope names(s.graph(), s.prefix());
      // Levels of the same stride have the same size; torchvision's resize does nothing there.
      const std::int64_t step = maps[k + 1].stride / maps[k].stride;
      inner = inner + (step == 1 ? above : enlarged(above, inner, step));
    }
    above = inner;
    levels.push_back({block(s / "layer_blocks" / k, inner, {.out = out, .kernel = 3}, norm_eps),
                      maps[k].stride, maps[k].name});
  }
  std::ranges::reverse(levels);
  const Scope extra = s / "extra_blocks";
  if (extra.has("p6.weight")) {
    add_p6_p7(extra, maps.back(), levels);
  } else if (s.in_whole_module() ? extra.module() != nullptr : pooled) {
    extra.computes(ModuleKind::kLastLevelMaxPool);
    const NameScope names(s.graph(), extra.prefix());
    const FeatureMap& last = levels.back();
    levels.push_back({max_pool(last.x, {.kernel = 1, .stride = 2}), last.stride * 2, "pool"});
  }
  return levels;
}

}  // namespace tv2onnx
