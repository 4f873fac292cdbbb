#include "nn/layers3d.h"

#include <functional>
#include <utility>
#include <vector>

#include "nn/module_kinds.h"

namespace tv2onnx {
namespace {

using Three = std::array<std::int64_t, 3>;

Setting list_of(const Three& values) {
  SettingList list;
  for (const std::int64_t value : values) list.push_back({value});
  return {std::move(list)};
}

void computes_pool(Scope s, ModuleKind kind, const Pool3dAttributes& options) {
  s.computes(kind, {{"kernel_size", list_of(options.kernel)},
                    {"stride", list_of(options.stride)},
                    {"padding", list_of(options.padding)},
                    {"ceil_mode", {false}}});
}

void computes_mean(Scope s) {
  s.computes(ModuleKind::kGlobalAveragePool3d, {{"output_size", {std::int64_t{1}}}});
}

/// The weight without the axes along which the kernel has one element, but of rank 4 at least.
Value weight_of(Scope s, const Conv3d& options, std::int64_t in, const std::vector<int>& axes) {
  Tensor weight = s.tensor(
      "weight", {options.out, in, options.kernel[0], options.kernel[1], options.kernel[2]});
  const Tensor whole = weight;
  for (Shape Tensor::*member : {&Tensor::shape, &Tensor::strides}) {
    if ((whole.*member).empty()) continue;
    (weight.*member).resize(2);
    for (const int axis : axes) {
      (weight.*member).push_back((whole.*member)[static_cast<std::size_t>(axis + 2)]);
    }
    if (axes.size() == 1) (weight.*member).push_back(1);
  }
  return s.graph().add_weight(s.prefix() + ".weight", std::move(weight));
}

/// The convolution along some axes, 0 being time, of what has no others.
Value conv_along(Scope s, Value x, const Conv3d& options, const std::vector<int>& axes) {
  const NameScope names(s.graph(), s.prefix());
  const Dim in = x.dim(1);
  const Value weight =
      weight_of(s, options, in.is_number() ? in.number() / options.groups : kAny, axes);
  ConvAttributes attributes{.kernel = {}, .stride = {}, .padding = {}, .groups = options.groups};
  for (const int axis : axes) {
    const auto k = static_cast<std::size_t>(axis);
    attributes.kernel.push_back(options.kernel[k]);
    attributes.stride.push_back(options.stride[k]);
    attributes.padding.push_back(options.padding[k]);
  }
  if (axes.size() == 1) {  // height and width are one axis
    attributes.kernel.push_back(1);
    attributes.stride.push_back(1);
    attributes.padding.push_back(0);
  }
  const Value bias = options.bias ? s.weight("bias", {weight.dim(0).number()}) : Value();
  return conv(x, weight, bias, attributes);
}

using Layer = std::function<Value(Value x, const std::vector<int>& axes)>;

Value known_clip(Value x, Value shape, const Dim& batch, const Dim& channels) {
  return reshape_to(x, shape, Dims{batch, channels, {}, {}, {}});
}

/// The layer of x [n, c, t, h w].
Value along_time(Scope s, Value x, const Layer& layer) {
  const NameScope names(s.graph(), s.prefix());
  const Value plane = pick(shape_of(x), {3, 4}, 0);
  const Value y = layer(reshape(x, {0, 0, 0, -1}), {0});
  return known_clip(y, concat({ints(s.graph(), {0, 0, 0}), plane}, 0), x.dim(0), y.dim(1));
}

/// The layer of the frames, [n t, c, h, w].
Value in_frames(Scope s, Value x, const Layer& layer) {
  const NameScope names(s.graph(), s.prefix());
  Graph& graph = s.graph();
  const Value shape = shape_of(x);
  const std::int64_t channels = x.dim(1).number();
  const Value frames = reshape_to(transpose(x, {0, 2, 1, 3, 4}),
                                  concat({ints(graph, {-1, channels}), pick(shape, {3, 4}, 0)}, 0),
                                  Dims{{}, channels, {}, {}});
  const Value y = layer(frames, {1, 2});
  const std::int64_t out = y.dim(1).number();
  const Value back =
      concat({pick(shape, {0, 2}, 0), ints(graph, {out}), pick(shape_of(y), {2, 3}, 0)}, 0);
  return transpose(reshape_to(y, back, Dims{x.dim(0), {}, out, {}, {}}), {0, 2, 1, 3, 4});
}

/// The layers, in the form that is fastest for the convolution.
Value in_best_form(Scope s, Value x, const Conv3d& options, const Layer& layer) {
  s.computes(ModuleKind::kConv3d, {{"stride", list_of(options.stride)},
                                   {"padding", list_of(options.padding)},
                                   {"dilation", {std::int64_t{1}}},
                                   {"groups", {options.groups}},
                                   {"padding_mode", {std::string("zeros")}}});
  const auto still = [&](std::size_t axis) {
    return options.kernel[axis] == 1 && options.stride[axis] == 1 && options.padding[axis] == 0;
  };
  const bool plane = still(1) && still(2);
  const bool known = x.dim(1).is_number() && options.groups == 1;
  if (known && still(0) && !plane) return in_frames(s, x, layer);
  if (known && plane && !still(0)) return along_time(s, x, layer);
  return layer(x, {0, 1, 2});
}

}  // namespace

Value conv3d(Scope s, Value x, const Conv3d& options) {
  return in_best_form(s, x, options, [&](Value y, const std::vector<int>& axes) {
    return conv_along(s, y, options, axes);
  });
}

Value conv_norm3d(Scope conv, Scope norm, Value x, const Conv3d& options, double norm_eps,
                  Activation activation) {
  return in_best_form(conv, x, options, [&](Value y, const std::vector<int>& axes) {
    const Value z = batch_norm(norm, conv_along(conv, y, options, axes), norm_eps);
    const NameScope names(norm.graph(), norm.prefix());
    return activated(z, activation);
  });
}

Value max_pool3d(Scope s, Value x, const Pool3dAttributes& options) {
  computes_pool(s, ModuleKind::kMaxPool3d, options);
  const NameScope names(s.graph(), s.prefix());
  return max_pool3d(x, options);
}

Value average_pool3d(Scope s, Value x, const Pool3dAttributes& options) {
  computes_pool(s, ModuleKind::kAveragePool3d, options);
  const NameScope names(s.graph(), s.prefix());
  return average_pool3d(x, options);
}

Value mean_over_clip(Scope s, Value x) {
  computes_mean(s);
  const NameScope names(s.graph(), s.prefix());
  return flatten(global_average_pool(x));
}

Value mean_over_places(Scope s, Value tokens) {
  computes_mean(s);
  const NameScope names(s.graph(), s.prefix());
  return reduce_mean(tokens, {1}, false);
}

}  // namespace tv2onnx
