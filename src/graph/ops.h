#pragma once
// ONNX operations as functions on values. What differs between opsets 11 and 21 is hidden here:
// attributes that became inputs, operators that did not exist yet. Shapes follow ONNX; integers
// that describe shapes are int64 tensors of one element, so that they can be concatenated.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tv2onnx/graph.h"

namespace tv2onnx {

// ---- constants
Value constant(Graph& graph, Tensor tensor);
Value scalar_like(Value like, double value);  ///< rank 0, dtype of `like`
Value floats(Graph& graph, std::vector<float> values);
Value ints(Graph& graph, std::vector<std::int64_t> values);  ///< int64, rank 1

// ---- arithmetic, with numpy broadcasting; a number takes the dtype of the value beside it
Value operator+(Value a, Value b);
Value operator-(Value a, Value b);
Value operator*(Value a, Value b);
Value operator/(Value a, Value b);  ///< integers: truncating
Value operator+(Value a, double b);
Value operator-(Value a, double b);
Value operator*(Value a, double b);
Value operator/(Value a, double b);
Value minimum(Value a, Value b);
Value maximum(Value a, Value b);
Value mod(Value a, Value b);  ///< of non-negative integers
struct Divided {
  Value whole;
  Value rest;
};
Divided divided(Value a, Value b);  ///< non-negative integers; in operators that all runtimes have
Value reciprocal(Value x);
Value abs(Value x);
Value exp(Value x);
Value floor(Value x);
Value ceil(Value x);
Value round(Value x);  ///< half to even
Value log(Value x);
Value sqrt(Value x);
Value sigmoid(Value x);
Value relu(Value x);
Value relu6(Value x);
Value hard_sigmoid(Value x);
Value hard_swish(Value x);
Value tanh(Value x);
Value gelu(Value x);                        ///< with erf
Value softmax(Value x, std::int64_t axis);  ///< the last axis of a rank 2 value

// ---- comparison and selection
Value greater(Value a, Value b);
Value greater_or_equal(Value a, Value b);
Value less(Value a, Value b);
Value equal(Value a, Value b);
Value logical_and(Value a, Value b);
Value where(Value condition, Value a, Value b);  ///< not of bools (ONNX Runtime cannot)
Value non_zero(Value x);                         ///< int64 [rank, n]

// ---- shape
Value cast(Value x, DType dtype);
Value shape_of(Value x);                    ///< a constant if all dims are numbers
Value size_of(Value x, std::int64_t axis);  ///< int64 [1]; a constant where the dim is a number
Value reshape(Value x, std::vector<std::int64_t> shape);  ///< 0 copies, -1 infers
Value reshape_to(Value x, Value shape, std::optional<Dims> known = std::nullopt);
Value reshape_like(Value x, Value like);  ///< as many elements as `like`, and its shape
Value transpose(Value x, std::vector<std::int64_t> permutation);
Value unsqueeze(Value x, std::vector<std::int64_t> axes);
Value squeeze(Value x, std::vector<std::int64_t> axes);
Value flatten(Value x);  ///< [n, ...] -> [n, product of the rest]
Value expand(Value x, Value shape, std::optional<Dims> known = std::nullopt);
Value fill(Value shape, double value, DType dtype);  ///< ConstantOfShape
Value concat(const std::vector<Value>& values, std::int64_t axis);
std::array<Value, 2> halves(Value x, std::int64_t axis);  ///< of an even size
Value pad(Value x, Value pads);                           ///< with zeros
/// With so many zeros before and after the entries of an axis.
Value pad_axis(Value x, std::int64_t axis, std::int64_t before, std::int64_t after);
Value range(Value end);  ///< int64 0..end-1; `end` has one element

// ---- indexing
inline constexpr std::int64_t kToEnd = std::numeric_limits<std::int64_t>::max();
struct SliceSpec {
  std::int64_t axis = 0;
  std::int64_t start = 0;
  std::int64_t end = kToEnd;
  std::int64_t step = 1;
};
Value slice(Value x, SliceSpec spec);
/// x[..., start:end, ...] with computed int64 [axes]
Value slice_window(Value x, Value starts, Value ends, std::vector<std::int64_t> axes);
Value slice_channels(Value x, std::int64_t start, std::int64_t end);
Value slice_to(Value x, std::int64_t axis, Value end);  ///< x[..., :end] with a computed end
Value gather(Value x, Value indices, std::int64_t axis);
Value pick(Value x, std::vector<std::int64_t> indices, std::int64_t axis);  ///< Gather
Value gather_nd(Value x, Value indices);
Value gather_elements(Value x, Value indices, std::int64_t axis);
Value scatter_nd(Value x, Value indices, Value updates);
struct TopK {
  Value values;
  Value indices;
};
TopK top_k(Value x, Value k, std::int64_t axis);  ///< largest first; ties: lower index first

// ---- reductions; the axis is kept if `keep`
Value reduce_max(Value x, std::vector<std::int64_t> axes, bool keep);
Value reduce_min(Value x, std::vector<std::int64_t> axes, bool keep);
Value reduce_sum(Value x, std::vector<std::int64_t> axes, bool keep);
Value reduce_mean(Value x, std::vector<std::int64_t> axes, bool keep);
Value arg_max(Value x, std::int64_t axis, bool keep);  ///< int64; ties: the first
Value reduce_l2(Value x, std::vector<std::int64_t> axes, bool keep);
Value global_average_pool(Value x);
struct PoolAttributes {
  std::int64_t kernel = 2;
  std::int64_t stride = 2;
  std::int64_t padding = 0;
  bool ceil = false;  ///< round the size up
};
/// Of clips [n, channels, t, h, w]; time, height, width.
struct Pool3dAttributes {
  std::array<std::int64_t, 3> kernel{};
  std::array<std::int64_t, 3> stride{1, 1, 1};
  std::array<std::int64_t, 3> padding{};
};
Value max_pool3d(Value x, const Pool3dAttributes& attributes);
Value average_pool3d(Value x, const Pool3dAttributes& attributes);
Value max_pool(Value x, const PoolAttributes& attributes);
Value average_pool(Value x, const PoolAttributes& attributes);  ///< counts the padding's zeros

// ---- layers
struct ConvAttributes {
  std::vector<std::int64_t> kernel;         ///< height, width; of clips, time before them
  std::vector<std::int64_t> stride{1};      ///< for each axis, or one for all
  std::vector<std::int64_t> padding{0, 0};  ///< above and below, left and right
  std::int64_t dilation = 1;
  std::int64_t groups = 1;
};
/// x [n, channels, h, w], or clips [n, channels, t, h, w]
Value conv(Value x, Value weight, Value bias, const ConvAttributes& attributes);
struct ConvTransposeAttributes {
  std::int64_t kernel = 2;
  std::int64_t stride = 2;
  std::int64_t padding = 0;
};
/// \param bias may be absent
Value conv_transpose(Value x, Value weight, Value bias, const ConvTransposeAttributes& attributes);
Value batch_normalization(Value x, Value scale, Value shift, Value mean, Value variance, float eps);
/// Each channel of x [n, channels, ...] to mean 0 and variance 1, then scale and shift [channels].
Value instance_normalization(Value x, Value scale, Value shift, float eps);
/// The last axis of x to mean 0 and variance 1, then scale and shift.
Value layer_normalization(Value x, Value scale, Value shift, float eps);
Value gemm(Value x, Value weight, Value bias);  ///< x * weight^T + bias, which may be absent
Value matmul(Value a, Value b);

// ---- rounding; scale and zero point have one entry, or one for each row of x
Value quantize(Value x, Value scale, Value zero_point);  ///< to the type of the zero point
Value dequantize(Value x, Value scale, Value zero_point);

// ---- vision
Value resize_nearest(Value x, Value sizes);  ///< asymmetric and floor, as F.interpolate
/// x [n, c, h, w] to int64 [4] `sizes`: bilinear, as F.interpolate(align_corners=False)
Value resize_smooth(Value x, Value sizes);
Value resize_aligned(Value x, Value sizes);  ///< bilinear, as F.interpolate(align_corners=True)
/// x [n, c, h, w] at the positions of `grid` [n, rows, columns, 2]: (x, y), -1 and 1 being the
/// middles of the outermost pixels; beyond them are zeros. Needs has_grid_sample().
Value grid_sample(Value x, Value grid);
/// Whether the opset has it.
bool has_grid_sample(const Graph& graph);
struct RoiAlignSpec {
  std::int64_t height = 7;
  std::int64_t width = 7;
  std::int64_t sampling_ratio = 2;
  float scale = 1;
};
Value roi_align(Value x, Value rois, Value batch_index, const RoiAlignSpec& spec);
struct NmsSpec {
  std::int64_t max_per_class = 100;
  double iou_threshold = 0.5;  ///< compared in double, as torchvision does
  float score_threshold = 0;
};
/// boxes [n, m, 4], scores [n, classes, m] -> int64 [selected, 3] (n, class, m); keeps scores
/// above, suppresses IoUs above the thresholds.
Value non_max_suppression(Value boxes, Value scores, const NmsSpec& spec);

}  // namespace tv2onnx
