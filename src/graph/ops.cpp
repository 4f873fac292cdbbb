#include "graph/ops.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ranges>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using Ints = std::vector<std::int64_t>;

Graph& graph_of(const std::vector<Value>& inputs) {
  const auto present = std::ranges::find_if(inputs, [](const Value& v) { return bool(v); });
  return *present->graph;
}

Value one(std::string_view op, const std::vector<Value>& inputs, OutputType type,
          std::vector<Attribute> attributes = {}) {
  return graph_of(inputs).emit(op, inputs, {std::move(type)}, std::move(attributes)).front();
}

const std::optional<Dims>& dims(Value x) {
  return x.graph->info(x.id).dims;
}

/// numpy broadcasting; a symbol beats 1, anything else uncertain is unknown.
std::optional<Dims> broadcast(Value a, Value b) {
  if (!dims(a) || !dims(b)) return std::nullopt;
  Dims longer = *dims(a);
  Dims shorter = *dims(b);
  if (longer.size() < shorter.size()) std::swap(longer, shorter);
  const std::size_t shift = longer.size() - shorter.size();
  for (std::size_t k = 0; k < shorter.size(); ++k) {
    Dim& dim = longer[k + shift];
    if (dim == Dim(1)) {
      dim = shorter[k];
    } else if (shorter[k] != Dim(1) && shorter[k] != dim) {
      dim = dim.is_number() ? dim : shorter[k].is_number() ? shorter[k] : Dim();
    }
  }
  return longer;
}

Value unary(std::string_view op, Value x, std::vector<Attribute> attributes = {}) {
  return one(op, {x}, {x.dtype(), dims(x)}, std::move(attributes));
}

Value binary(std::string_view op, Value a, Value b) {
  return one(op, {a, b}, {a.dtype(), broadcast(a, b)});
}

Value compare(std::string_view op, Value a, Value b) {
  return one(op, {a, b}, {DType::kBool, broadcast(a, b)});
}

/// Operators whose `axes` attribute became an input at opset `since`.
Value with_axes(std::string_view op, Value x, Ints axes, int since, OutputType type,
                std::vector<Attribute> attributes = {}) {
  if (x.graph->opset() >= since) {
    return one(op, {x, ints(*x.graph, std::move(axes))}, std::move(type), std::move(attributes));
  }
  attributes.push_back({"axes", std::move(axes)});
  return one(op, {x}, std::move(type), std::move(attributes));
}

/// The shape of x after a reduction.
std::optional<Dims> reduced(Value x, const Ints& axes, bool keep) {
  if (!dims(x)) return std::nullopt;
  Dims shape;
  for (std::size_t k = 0; k < dims(x)->size(); ++k) {
    const bool gone = std::ranges::find(axes, static_cast<std::int64_t>(k)) != axes.end();
    if (!gone) shape.push_back((*dims(x))[k]);
    if (gone && keep) shape.emplace_back(1);
  }
  return shape;
}

Value reduce(std::string_view op, Value x, Ints axes, bool keep, int axes_are_input_since) {
  std::optional<Dims> shape = reduced(x, axes, keep);
  return with_axes(op, x, std::move(axes), axes_are_input_since, {x.dtype(), std::move(shape)},
                   {{"keepdims", std::int64_t{keep}}});
}

Dim pool_size(const Dim& in, const PoolAttributes& a) {
  if (!in.is_number()) return {};
  const std::int64_t room = in.number() + 2 * a.padding - a.kernel;
  return (a.ceil ? (room + a.stride - 1) / a.stride : room / a.stride) + 1;
}

Dim conv_size(const Dim& in, std::int64_t kernel, const ConvAttributes& a) {
  if (!in.is_number()) return {};
  return (in.number() + 2 * a.padding - a.dilation * (kernel - 1) - 1) / a.stride + 1;
}

bool all_numbers(const Dims& dims) {
  return std::ranges::all_of(dims, &Dim::is_number);
}

/// The product of dims that are all numbers.
std::int64_t product(const Dims& dims) {
  std::int64_t result = 1;
  for (const Dim& dim : dims) result *= dim.number();
  return result;
}

/// The dims that a constant `shape` states, else unknown ones.
Dims stated(Value shape, std::size_t rank) {
  const Tensor* constant = shape.graph->initializer(shape.id);
  if (constant == nullptr) return Dims(rank);
  Dims known;
  for (const std::int64_t size : to_int64(*constant)) known.emplace_back(size);
  return known;
}

/// The largest float that is not above the number: what is above one is above the other.
float rounded_down(double number) {
  const auto nearest = static_cast<float>(number);
  return nearest > number ? std::nextafter(nearest, -std::numeric_limits<float>::infinity())
                          : nearest;
}

std::int64_t onnx_dtype(DType dtype) {
  constexpr std::array<std::int64_t, 10> kCodes{1, 11, 10, 16, 3, 5, 6, 7, 2, 9};
  return kCodes[static_cast<std::size_t>(dtype)];
}

Tensor number(DType dtype, double value, Shape shape) {
  switch (dtype) {
    case DType::kFloat32: return make_tensor(std::move(shape), std::vector{float(value)});
    case DType::kFloat64: return make_tensor(std::move(shape), std::vector{value});
    case DType::kInt32: return make_tensor(std::move(shape), std::vector{std::int32_t(value)});
    case DType::kInt64: return make_tensor(std::move(shape), std::vector{std::int64_t(value)});
    case DType::kUInt8: return make_tensor(std::move(shape), std::vector{std::uint8_t(value)});
    case DType::kBool: return make_bool_tensor(std::move(shape), {std::uint8_t(value != 0)});
    default:
      throw Error(
          {.code = "X001", .found = fmt::format("no constants of type {}", dtype_name(dtype))});
  }
}

}  // namespace

Value constant(Graph& graph, Tensor tensor) {
  return graph.add_constant(std::move(tensor));
}
Value scalar_like(Value like, double value) {
  return constant(*like.graph, number(like.dtype(), value, {}));
}
Value floats(Graph& graph, std::vector<float> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return constant(graph, make_tensor({count}, std::move(values)));
}
Value ints(Graph& graph, Ints values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return constant(graph, make_tensor({count}, std::move(values)));
}

Value operator+(Value a, Value b) {
  return binary("Add", a, b);
}
Value operator-(Value a, Value b) {
  return binary("Sub", a, b);
}
Value operator*(Value a, Value b) {
  return binary("Mul", a, b);
}
Value operator/(Value a, Value b) {
  return binary("Div", a, b);
}
Value operator+(Value a, double b) {
  return a + scalar_like(a, b);
}
Value operator-(Value a, double b) {
  return a - scalar_like(a, b);
}
Value operator*(Value a, double b) {
  return a * scalar_like(a, b);
}
Value operator/(Value a, double b) {
  return a / scalar_like(a, b);
}

namespace {
/// Min and Max of integers exist since opset 12; before, Where does the same.
Value extreme(std::string_view op, Value a, Value b) {
  if (a.graph->opset() >= 12 || is_floating(a.dtype())) return binary(op, a, b);
  return op == "Min" ? where(less(a, b), a, b) : where(less(a, b), b, a);
}
}  // namespace

Value minimum(Value a, Value b) {
  return extreme("Min", a, b);
}
Value maximum(Value a, Value b) {
  return extreme("Max", a, b);
}
Value mod(Value a, Value b) {
  return binary("Mod", a, b);
}
Value reciprocal(Value x) {
  return unary("Reciprocal", x);
}
Value abs(Value x) {
  return unary("Abs", x);
}
Value exp(Value x) {
  return unary("Exp", x);
}
Value floor(Value x) {
  return unary("Floor", x);
}
Value ceil(Value x) {
  return unary("Ceil", x);
}
Value log(Value x) {
  return unary("Log", x);
}
Value sqrt(Value x) {
  return unary("Sqrt", x);
}
Value sigmoid(Value x) {
  return unary("Sigmoid", x);
}
Value relu(Value x) {
  return unary("Relu", x);
}
Value relu6(Value x) {
  return one("Clip", {x, scalar_like(x, 0), scalar_like(x, 6)}, {x.dtype(), dims(x)});
}
Value hard_sigmoid(Value x) {
  return unary("HardSigmoid", x, {{"alpha", 1.0F / 6.0F}, {"beta", 0.5F}});
}
Value hard_swish(Value x) {
  return x.graph->opset() >= 14 ? unary("HardSwish", x) : x * hard_sigmoid(x);
}
Value softmax(Value x, std::int64_t axis) {
  return unary("Softmax", x, {{"axis", axis}});
}

Value greater(Value a, Value b) {
  return compare("Greater", a, b);
}
Value less(Value a, Value b) {
  return compare("Less", a, b);
}
Value equal(Value a, Value b) {
  return compare("Equal", a, b);
}
Value greater_or_equal(Value a, Value b) {
  if (a.graph->opset() >= 12) return compare("GreaterOrEqual", a, b);
  return one("Not", {less(a, b)}, {DType::kBool, broadcast(a, b)});
}
Value logical_and(Value a, Value b) {
  return compare("And", a, b);
}
Value where(Value condition, Value a, Value b) {
  return one("Where", {condition, a, b}, {a.dtype(), std::nullopt});
}
Value non_zero(Value x) {
  return one("NonZero", {x}, {DType::kInt64, Dims{{}, {}}});
}

Value cast(Value x, DType dtype) {
  if (x.dtype() == dtype) return x;
  return one("Cast", {x}, {dtype, dims(x)}, {{"to", onnx_dtype(dtype)}});
}
Value shape_of(Value x) {
  if (dims(x) && all_numbers(*dims(x))) {
    Ints sizes;
    for (const Dim& dim : *dims(x)) sizes.push_back(dim.number());
    return ints(*x.graph, std::move(sizes));
  }
  return one("Shape", {x}, {DType::kInt64, std::nullopt});
}
Value size_of(Value x, std::int64_t axis) {
  const Dim dim = x.dim(static_cast<std::size_t>(axis));
  if (dim.is_number()) return ints(*x.graph, {dim.number()});
  return pick(shape_of(x), {axis}, 0);
}
Value reshape(Value x, Ints shape) {
  std::optional<Dims> known = Dims(shape.size());
  for (std::size_t k = 0; k < shape.size(); ++k) {
    if (shape[k] > 0) (*known)[k] = shape[k];
    if (shape[k] == 0) (*known)[k] = x.dim(k);
  }
  const auto inferred = std::ranges::find(shape, -1);
  if (inferred != shape.end() && dims(x) && all_numbers(*dims(x))) {
    Dim& dim = (*known)[static_cast<std::size_t>(inferred - shape.begin())];
    dim = 1;
    if (all_numbers(*known)) dim = product(*dims(x)) / std::max<std::int64_t>(product(*known), 1);
  }
  // A shape that is known is written out: not all runtimes know 0 and -1.
  if (all_numbers(*known)) std::ranges::transform(*known, shape.begin(), &Dim::number);
  return one("Reshape", {x, ints(*x.graph, std::move(shape))}, {x.dtype(), known});
}
Value reshape_to(Value x, Value shape) {
  return one("Reshape", {x, shape}, {x.dtype(), std::nullopt});
}
Value reshape_like(Value x, Value like) {
  return one("Reshape", {x, shape_of(like)}, {x.dtype(), dims(like)});
}
Value transpose(Value x, Ints permutation) {
  std::optional<Dims> known;
  if (dims(x)) {
    known = Dims();
    for (const std::int64_t axis : permutation) {
      known->push_back(x.dim(static_cast<std::size_t>(axis)));
    }
  }
  return one("Transpose", {x}, {x.dtype(), known}, {{"perm", std::move(permutation)}});
}
Value unsqueeze(Value x, Ints axes) {
  std::optional<Dims> known = dims(x);
  if (known) {
    for (const std::int64_t axis : axes) known->insert(known->begin() + axis, Dim(1));
  }
  return with_axes("Unsqueeze", x, std::move(axes), 13, {x.dtype(), known});
}
Value squeeze(Value x, Ints axes) {
  std::optional<Dims> known = dims(x);
  if (known) {
    for (const std::int64_t axis : axes | std::views::reverse) {
      known->erase(known->begin() + axis);
    }
  }
  return with_axes("Squeeze", x, std::move(axes), 13, {x.dtype(), known});
}
Value flatten(Value x) {
  Dims known{x.dim(0), Dim()};
  if (dims(x)) {
    const Dims rest(dims(x)->begin() + 1, dims(x)->end());
    if (all_numbers(rest)) known[1] = product(rest);
  }
  return one("Flatten", {x}, {x.dtype(), known}, {{"axis", std::int64_t{1}}});
}
Value expand(Value x, Value shape) {
  return one("Expand", {x, shape}, {x.dtype(), std::nullopt});
}
Value fill(Value shape, double value, DType dtype) {
  return one("ConstantOfShape", {shape}, {dtype, std::nullopt},
             {{"value", number(dtype, value, {1})}});
}
Value concat(const std::vector<Value>& values, std::int64_t axis) {
  if (values.size() == 1) return values.front();
  std::optional<Dims> known = dims(values.front());
  if (known) {
    std::int64_t total = 0;
    for (const Value& value : values) {
      const Dim dim = value.dim(static_cast<std::size_t>(axis));
      total = total < 0 || !dim.is_number() ? -1 : total + dim.number();
    }
    (*known)[static_cast<std::size_t>(axis)] = total < 0 ? Dim() : Dim(total);
  }
  return one("Concat", values, {values.front().dtype(), known}, {{"axis", axis}});
}
Value pad(Value x, Value pads) {
  return one("Pad", {x, pads}, {x.dtype(), Dims{x.dim(0), x.dim(1), {}, {}}},
             {{"mode", std::string("constant")}});
}
Value range(Value end) {
  const Value zero = scalar_like(end, 0);
  const Value step = scalar_like(end, 1);
  return one("Range", {zero, squeeze(end, {0}), step}, {DType::kInt64, Dims{{}}});
}

Value slice(Value x, SliceSpec spec) {
  Graph& graph = *x.graph;
  return one("Slice",
             {x, ints(graph, {spec.start}), ints(graph, {spec.end}), ints(graph, {spec.axis}),
              ints(graph, {spec.step})},
             {x.dtype(), std::nullopt});
}
Value slice_to(Value x, std::int64_t axis, Value end) {
  Graph& graph = *x.graph;
  std::optional<Dims> known = dims(x);
  if (known) (*known)[static_cast<std::size_t>(axis)] = Dim();
  return one("Slice", {x, ints(graph, {0}), end, ints(graph, {axis})}, {x.dtype(), known});
}
Value gather(Value x, Value indices, std::int64_t axis) {
  return one("Gather", {x, indices}, {x.dtype(), std::nullopt}, {{"axis", axis}});
}
Value pick(Value x, Ints indices, std::int64_t axis) {
  const auto count = static_cast<std::int64_t>(indices.size());
  std::optional<Dims> known = dims(x);
  if (known) (*known)[static_cast<std::size_t>(axis)] = count;
  return one("Gather", {x, ints(*x.graph, std::move(indices))}, {x.dtype(), known},
             {{"axis", axis}});
}
Value gather_nd(Value x, Value indices) {
  return one("GatherND", {x, indices}, {x.dtype(), std::nullopt});
}
Value gather_elements(Value x, Value indices, std::int64_t axis) {
  return one("GatherElements", {x, indices}, {x.dtype(), dims(indices)}, {{"axis", axis}});
}
Value scatter_nd(Value x, Value indices, Value updates) {
  return one("ScatterND", {x, indices, updates}, {x.dtype(), dims(x)});
}
TopK top_k(Value x, Value k, std::int64_t axis) {
  const std::vector<Value> results =
      x.graph->emit("TopK", {x, k}, {{x.dtype(), std::nullopt}, {DType::kInt64, std::nullopt}},
                    {{"axis", axis}, {"largest", std::int64_t{1}}, {"sorted", std::int64_t{1}}});
  return {results[0], results[1]};
}

Value reduce_max(Value x, Ints axes, bool keep) {
  return reduce("ReduceMax", x, std::move(axes), keep, 18);
}
Value reduce_min(Value x, Ints axes, bool keep) {
  return reduce("ReduceMin", x, std::move(axes), keep, 18);
}
Value reduce_sum(Value x, Ints axes, bool keep) {
  return reduce("ReduceSum", x, std::move(axes), keep, 13);
}
Value arg_max(Value x, std::int64_t axis, bool keep) {
  return one("ArgMax", {x}, {DType::kInt64, reduced(x, {axis}, keep)},
             {{"axis", axis}, {"keepdims", std::int64_t{keep}}});
}
Value reduce_l2(Value x, Ints axes, bool keep) {
  return reduce("ReduceL2", x, std::move(axes), keep, 18);
}
Value global_average_pool(Value x) {
  return one("GlobalAveragePool", {x}, {x.dtype(), Dims{x.dim(0), x.dim(1), 1, 1}});
}
Value max_pool(Value x, const PoolAttributes& a) {
  const Dims out{x.dim(0), x.dim(1), pool_size(x.dim(2), a), pool_size(x.dim(3), a)};
  return one("MaxPool", {x}, {x.dtype(), out},
             {{"kernel_shape", Ints{a.kernel, a.kernel}},
              {"strides", Ints{a.stride, a.stride}},
              {"pads", Ints{a.padding, a.padding, a.padding, a.padding}},
              {"ceil_mode", std::int64_t{a.ceil}}});
}

Value conv(Value x, Value weight, Value bias, const ConvAttributes& a) {
  std::vector<Value> inputs{x, weight};
  if (bias) inputs.push_back(bias);
  const Dims out{x.dim(0), weight.dim(0), conv_size(x.dim(2), a.kernel[0], a),
                 conv_size(x.dim(3), a.kernel[1], a)};
  return one("Conv", inputs, {x.dtype(), out},
             {{"kernel_shape", a.kernel},
              {"strides", Ints{a.stride, a.stride}},
              {"pads", Ints{a.padding, a.padding, a.padding, a.padding}},
              {"dilations", Ints{a.dilation, a.dilation}},
              {"group", a.groups}});
}
Value conv_transpose(Value x, Value weight, Value bias, const ConvTransposeAttributes& a) {
  const auto size = [&](const Dim& in) {
    return in.is_number() ? Dim((in.number() - 1) * a.stride - 2 * a.padding + a.kernel) : Dim();
  };
  return one("ConvTranspose", {x, weight, bias},
             {x.dtype(), Dims{x.dim(0), weight.dim(1), size(x.dim(2)), size(x.dim(3))}},
             {{"kernel_shape", Ints{a.kernel, a.kernel}},
              {"strides", Ints{a.stride, a.stride}},
              {"pads", Ints{a.padding, a.padding, a.padding, a.padding}}});
}
Value batch_normalization(Value x, Value scale, Value shift, Value mean, Value variance,
                          float eps) {
  return one("BatchNormalization", {x, scale, shift, mean, variance}, {x.dtype(), dims(x)},
             {{"epsilon", eps}});
}
Value instance_normalization(Value x, Value scale, Value shift, float eps) {
  return one("InstanceNormalization", {x, scale, shift}, {x.dtype(), dims(x)}, {{"epsilon", eps}});
}
Value gemm(Value x, Value weight, Value bias) {
  return one(
      "Gemm", {x, weight, bias}, {x.dtype(), Dims{x.dim(0), weight.dim(0)}},
      {{"alpha", 1.0F}, {"beta", 1.0F}, {"transA", std::int64_t{0}}, {"transB", std::int64_t{1}}});
}
Value matmul(Value a, Value b) {
  return one("MatMul", {a, b}, {a.dtype(), std::nullopt});
}

Value resize_nearest(Value x, Value sizes) {
  Graph& graph = *x.graph;
  // Optional inputs may be left out since opset 13; before, empty tensors stand for them.
  Value empty;
  if (graph.opset() < 13) empty = floats(graph, {});
  const Dims target = stated(sizes, 4);
  return one("Resize", {x, empty, empty, sizes},
             {x.dtype(), Dims{x.dim(0), x.dim(1), target[2], target[3]}},
             {{"mode", std::string("nearest")},
              {"coordinate_transformation_mode", std::string("asymmetric")},
              {"nearest_mode", std::string("floor")}});
}
Value roi_align(Value x, Value rois, Value batch_index, const RoiAlignSpec& spec) {
  std::vector<Attribute> attributes{{"mode", std::string("avg")},
                                    {"output_height", spec.height},
                                    {"output_width", spec.width},
                                    {"sampling_ratio", spec.sampling_ratio},
                                    {"spatial_scale", spec.scale}};
  // Before opset 16 the operator has only this mode, torchvision's aligned=False.
  if (x.graph->opset() >= 16) {
    attributes.push_back({"coordinate_transformation_mode", std::string("output_half_pixel")});
  }
  return one("RoiAlign", {x, rois, batch_index},
             {x.dtype(), Dims{rois.dim(0), x.dim(1), spec.height, spec.width}},
             std::move(attributes));
}
Value non_max_suppression(Value boxes, Value scores, const NmsSpec& spec) {
  Graph& graph = *boxes.graph;
  return one(
      "NonMaxSuppression",
      {boxes, scores, ints(graph, {spec.max_per_class}),
       floats(graph, {rounded_down(spec.iou_threshold)}), floats(graph, {spec.score_threshold})},
      {DType::kInt64, Dims{{}, 3}}, {{"center_point_box", std::int64_t{0}}});
}

}  // namespace tv2onnx
