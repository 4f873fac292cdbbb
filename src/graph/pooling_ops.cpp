// Numbers of many: reductions, and pooling by windows.

#include "graph/ops.h"

#include <iterator>

#include "graph/emit.h"

namespace tv2onnx {

using Ints = std::vector<std::int64_t>;

namespace {

Value reduce(std::string_view op, Value x, Ints axes, bool keep, int axes_are_input_since) {
  std::optional<Dims> shape = reduced(x, axes, keep);
  return with_axes(op, x, std::move(axes), axes_are_input_since, {x.dtype(), std::move(shape)},
                   {{"keepdims", std::int64_t{keep}}});
}

Dim pool_size(const Dim& in, const PoolAttributes& a) {
  if (!in.is_number()) return {};
  const std::int64_t room = in.number() + 2 * a.padding - a.kernel;
  if (room < 0) return std::int64_t{0};  // no place for the kernel
  return (a.ceil ? (room + a.stride - 1) / a.stride : room / a.stride) + 1;
}

}  // namespace

Value reduce_max(Value x, Ints axes, bool keep) {
  return reduce("ReduceMax", x, std::move(axes), keep, 18);
}
Value reduce_min(Value x, Ints axes, bool keep) {
  return reduce("ReduceMin", x, std::move(axes), keep, 18);
}
Value reduce_sum(Value x, Ints axes, bool keep) {
  return reduce("ReduceSum", x, std::move(axes), keep, 13);
}
Value reduce_mean(Value x, Ints axes, bool keep) {
  return reduce("ReduceMean", x, std::move(axes), keep, 18);
}
Value arg_max(Value x, std::int64_t axis, bool keep) {
  return one("ArgMax", {x}, {DType::kInt64, reduced(x, {axis}, keep)},
             {{"axis", axis}, {"keepdims", std::int64_t{keep}}});
}
Value reduce_l2(Value x, Ints axes, bool keep) {
  return reduce("ReduceL2", x, std::move(axes), keep, 18);
}

Value global_average_pool(Value x) {
  Dims out{x.dim(0), x.dim(1)};
  out.resize(dims(x) ? dims(x)->size() : 4, Dim(1));
  return one("GlobalAveragePool", {x}, {x.dtype(), out});
}
namespace {
Value pool(std::string_view op, Value x, const PoolAttributes& a, std::vector<Attribute> more) {
  const Dims out{x.dim(0), x.dim(1), pool_size(x.dim(2), a), pool_size(x.dim(3), a)};
  std::vector<Attribute> attributes{{"kernel_shape", Ints{a.kernel, a.kernel}},
                                    {"strides", Ints{a.stride, a.stride}},
                                    {"pads", Ints{a.padding, a.padding, a.padding, a.padding}},
                                    {"ceil_mode", std::int64_t{a.ceil}}};
  std::ranges::move(more, std::back_inserter(attributes));
  return one(op, {x}, {x.dtype(), out}, std::move(attributes));
}
Value pool3d(std::string_view op, Value x, const Pool3dAttributes& a, std::vector<Attribute> more) {
  const auto list = [](const std::array<std::int64_t, 3>& values) {
    return Ints(values.begin(), values.end());
  };
  std::vector<Attribute> attributes{{"kernel_shape", list(a.kernel)},
                                    {"strides", list(a.stride)},
                                    {"pads", twice(a.padding)},
                                    {"ceil_mode", std::int64_t{0}}};
  std::ranges::move(more, std::back_inserter(attributes));
  return one(op, {x}, {x.dtype(), Dims{x.dim(0), x.dim(1), {}, {}, {}}}, std::move(attributes));
}
}  // namespace

Value max_pool3d(Value x, const Pool3dAttributes& a) {
  return pool3d("MaxPool", x, a, {});
}
Value average_pool3d(Value x, const Pool3dAttributes& a) {
  return pool3d("AveragePool", x, a, {{"count_include_pad", std::int64_t{1}}});
}
Value max_pool(Value x, const PoolAttributes& a) {
  return pool("MaxPool", x, a, {});
}
Value average_pool(Value x, const PoolAttributes& a) {
  return pool("AveragePool", x, a, {{"count_include_pad", std::int64_t{1}}});
}

}  // namespace tv2onnx
