#include "graph/ops.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <span>

#include "graph/emit.h"

namespace tv2onnx {

using Ints = std::vector<std::int64_t>;

namespace {

Dim conv_size(const Dim& in, std::size_t axis, const ConvAttributes& a) {
  if (!in.is_number()) return {};
  const std::int64_t reach = a.dilation * (a.kernel[axis] - 1) + 1;
  const std::int64_t stride = a.stride.size() > 1 ? a.stride[axis] : a.stride.front();
  const std::int64_t room = in.number() + 2 * a.padding[axis] - reach;
  return room < 0 ? 0 : room / stride + 1;
}

/// The largest float that is not above the number: what is above one is above the other.
float rounded_down(double number) {
  const auto nearest = static_cast<float>(number);
  return nearest > number ? std::nextafter(nearest, -std::numeric_limits<float>::infinity())
                          : nearest;
}

}  // namespace

Value conv(Value x, Value weight, Value bias, const ConvAttributes& a) {
  std::vector<Value> inputs{x, weight};
  if (bias) inputs.push_back(bias);
  const std::size_t axes = a.kernel.size();
  Dims out{x.dim(0), weight.dim(0)};
  for (std::size_t axis = 0; axis < axes; ++axis) {
    out.push_back(conv_size(x.dim(axis + 2), axis, a));
  }
  return one("Conv", inputs, {x.dtype(), out},
             {{"kernel_shape", a.kernel},
              {"strides", a.stride.size() > 1 ? a.stride : Ints(axes, a.stride.front())},
              {"pads", twice(a.padding)},
              {"dilations", Ints(axes, a.dilation)},
              {"group", a.groups}});
}
Value conv_transpose(Value x, Value weight, Value bias, const ConvTransposeAttributes& a) {
  const auto size = [&](const Dim& in) {
    return in.is_number() ? Dim((in.number() - 1) * a.stride - 2 * a.padding + a.kernel) : Dim();
  };
  std::vector<Value> inputs{x, weight};
  if (bias) inputs.push_back(bias);
  return one("ConvTranspose", inputs,
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
Value layer_normalization(Value x, Value scale, Value shift, float eps) {
  if (x.graph->opset() >= 17) {
    return one("LayerNormalization", {x, scale, shift}, {x.dtype(), dims(x)},
               {{"axis", std::int64_t{-1}}, {"epsilon", eps}});
  }
  // In this form, with Pow, ONNX Runtime takes it for one operation.
  const auto mean = [](Value values) {
    const auto last = static_cast<std::int64_t>(dims(values)->size()) - 1;
    return reduce_mean(values, {last}, true);
  };
  const Value centred = x - mean(x);
  const Value variance = mean(binary("Pow", centred, scalar_like(centred, 2)));
  return centred / sqrt(variance + static_cast<double>(eps)) * scale + shift;
}
Value gemm(Value x, Value weight, Value bias) {
  std::vector<Value> inputs{x, weight};
  if (bias) inputs.push_back(bias);
  return one(
      "Gemm", inputs, {x.dtype(), Dims{x.dim(0), weight.dim(0)}},
      {{"alpha", 1.0F}, {"beta", 1.0F}, {"transA", std::int64_t{0}}, {"transB", std::int64_t{1}}});
}
Value quantize(Value x, Value scale, Value zero_point) {
  return one("QuantizeLinear", {x, scale, zero_point}, {zero_point.dtype(), dims(x)});
}
Value dequantize(Value x, Value scale, Value zero_point) {
  std::vector<Attribute> attributes;
  if (dims(scale)->size() == 1) attributes.push_back({"axis", std::int64_t{0}});
  return one("DequantizeLinear", {x, scale, zero_point}, {DType::kFloat32, dims(x)},
             std::move(attributes));
}
Value matmul(Value a, Value b) {
  std::optional<Dims> known;
  if (dims(a) && dims(b) && dims(a)->size() >= 2 && dims(b)->size() >= 2) {
    const auto batch = [](Value x) { return Dims(dims(x)->begin(), dims(x)->end() - 2); };
    known = broadcast(batch(a), batch(b));
    known->insert(known->end(), {dims(a)->end()[-2], dims(b)->back()});
  }
  return one("MatMul", {a, b}, {a.dtype(), known});
}

namespace {
Value resize(Value x, Value sizes, std::vector<Attribute> attributes) {
  Graph& graph = *x.graph;
  // Optional inputs may be left out since opset 13; before, empty tensors stand for them.
  Value empty;
  if (graph.opset() < 13) empty = floats(graph, {});
  const Dims target = stated(sizes).value_or(Dims(4));
  return one("Resize", {x, empty, empty, sizes},
             {x.dtype(), Dims{x.dim(0), x.dim(1), target[2], target[3]}}, std::move(attributes));
}
}  // namespace

Value resize_nearest(Value x, Value sizes) {
  return resize(x, sizes,
                {{"mode", std::string("nearest")},
                 {"coordinate_transformation_mode", std::string("asymmetric")},
                 {"nearest_mode", std::string("floor")}});
}
Value resize_aligned(Value x, Value sizes) {
  return resize(x, sizes,
                {{"mode", std::string("linear")},
                 {"coordinate_transformation_mode", std::string("align_corners")}});
}
bool has_grid_sample(const Graph& graph) {
  return graph.opset() >= 16;
}
Value grid_sample(Value x, Value grid) {
  const char* linear = x.graph->opset() >= 20 ? "linear" : "bilinear";
  return one("GridSample", {x, grid},
             {x.dtype(), Dims{x.dim(0), x.dim(1), grid.dim(1), grid.dim(2)}},
             {{"mode", std::string(linear)},
              {"padding_mode", std::string("zeros")},
              {"align_corners", std::int64_t{1}}});
}
Value resize_smooth(Value x, Value sizes) {
  return resize(x, sizes,
                {{"mode", std::string("linear")},
                 {"coordinate_transformation_mode", std::string("half_pixel")}});
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
