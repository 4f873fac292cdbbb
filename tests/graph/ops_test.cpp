// Every operation at every opset: the result of the runtime, and that the graph's own idea of type
// and shape agrees with it.

#include "graph/ops.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using testing::expect_near;
using testing::run_graph;

using Ints = std::vector<std::int64_t>;
using Floats = std::vector<float>;

Tensor floats_of(Shape shape, Floats values) {
  return make_tensor(std::move(shape), std::move(values));
}
Tensor ints_of(Shape shape, Ints values) {
  return make_tensor(std::move(shape), std::move(values));
}
Tensor bools_of(Shape shape, std::vector<std::uint8_t> values) {
  return make_bool_tensor(std::move(shape), std::move(values));
}

struct Case {
  std::string name;
  std::vector<Tensor> inputs;
  std::function<Value(const std::vector<Value>&)> build;
  Tensor expected;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

const Tensor kMatrix = floats_of({2, 3}, {1, -2, 3, -4, 5, -6});
const Tensor kRow = floats_of({3}, {2, 2, -2});
const Tensor kIndex = ints_of({4}, {7, -3, 0, 5});
const Tensor kOther = ints_of({4}, {2, 2, 2, 9});
const Tensor kImage = floats_of({1, 1, 2, 2}, {0, 1, 2, 3});

std::vector<Case> arithmetic_cases() {
  return {
      {"add",
       {kMatrix, kRow},
       [](auto& v) { return v[0] + v[1]; },
       floats_of({2, 3}, {3, 0, 1, -2, 7, -8})},
      {"subtract",
       {kMatrix, kRow},
       [](auto& v) { return v[0] - v[1]; },
       floats_of({2, 3}, {-1, -4, 5, -6, 3, -4})},
      {"multiply",
       {kMatrix},
       [](auto& v) { return v[0] * 2.0; },
       floats_of({2, 3}, {2, -4, 6, -8, 10, -12})},
      {"divide",
       {kMatrix},
       [](auto& v) { return v[0] / 2.0; },
       floats_of({2, 3}, {0.5, -1, 1.5, -2, 2.5, -3})},
      {"divide_int",
       {ints_of({2}, {7, 8})},
       [](auto& v) { return v[0] / 2.0; },
       ints_of({2}, {3, 4})},
      {"ceil",
       {floats_of({4}, {0.5, 2, -0.5, 2.25})},
       [](auto& v) { return ceil(v[0]); },
       floats_of({4}, {1, 2, 0, 3})},
      {"minimum",
       {kMatrix, kRow},
       [](auto& v) { return minimum(v[0], v[1]); },
       floats_of({2, 3}, {1, -2, -2, -4, 2, -6})},
      {"maximum",
       {kMatrix, kRow},
       [](auto& v) { return maximum(v[0], v[1]); },
       floats_of({2, 3}, {2, 2, 3, 2, 5, -2})},
      {"minimum_int",
       {kIndex, kOther},
       [](auto& v) { return minimum(v[0], v[1]); },
       ints_of({4}, {2, -3, 0, 5})},
      {"maximum_int",
       {kIndex, kOther},
       [](auto& v) { return maximum(v[0], v[1]); },
       ints_of({4}, {7, 2, 2, 9})},
      {"mod",
       {ints_of({3}, {7, 8, 9})},
       [](auto& v) { return mod(v[0], scalar_like(v[0], 3)); },
       ints_of({3}, {1, 2, 0})},
      {"reciprocal",
       {kRow},
       [](auto& v) { return reciprocal(v[0]); },
       floats_of({3}, {0.5, 0.5, -0.5})},
      {"exp_log",
       {floats_of({2}, {1, 3})},
       [](auto& v) { return exp(log(v[0])); },
       floats_of({2}, {1, 3})},
      {"floor",
       {floats_of({2}, {1.5, -1.5})},
       [](auto& v) { return floor(v[0]); },
       floats_of({2}, {1, -2})},
      {"sqrt",
       {floats_of({2}, {4, 9})},
       [](auto& v) { return sqrt(v[0]); },
       floats_of({2}, {2, 3})},
      {"sigmoid",
       {floats_of({2}, {0, 100})},
       [](auto& v) { return sigmoid(v[0]); },
       floats_of({2}, {0.5, 1})},
      {"relu", {kRow}, [](auto& v) { return relu(v[0]); }, floats_of({3}, {2, 2, 0})},
      {"relu6",
       {floats_of({3}, {-1, 2, 7})},
       [](auto& v) { return relu6(v[0]); },
       floats_of({3}, {0, 2, 6})},
      {"hard_sigmoid",
       {floats_of({3}, {-4, 0, 1.5})},
       [](auto& v) { return hard_sigmoid(v[0]); },
       floats_of({3}, {0, 0.5, 0.75})},
      {"hard_swish",
       {floats_of({3}, {-4, 2, 5})},
       [](auto& v) { return hard_swish(v[0]); },
       floats_of({3}, {0, 2 * 5.0F / 6, 5})},
      {"softmax",
       {floats_of({2, 2}, {0, 0, 0, 100})},
       [](auto& v) { return softmax(v[0], 1); },
       floats_of({2, 2}, {0.5, 0.5, 0, 1})},
  };
}

std::vector<Case> comparison_cases() {
  return {
      {"greater",
       {kMatrix, kRow},
       [](auto& v) { return greater(v[0], v[1]); },
       bools_of({2, 3}, {0, 0, 1, 0, 1, 0})},
      {"greater_or_equal",
       {kRow},
       [](auto& v) { return greater_or_equal(v[0], v[0]); },
       bools_of({3}, {1, 1, 1})},
      {"greater_or_equal_less",
       {kMatrix, kRow},
       [](auto& v) { return greater_or_equal(v[0], v[1]); },
       bools_of({2, 3}, {0, 0, 1, 0, 1, 0})},
      {"less_int",
       {kIndex, kOther},
       [](auto& v) { return less(v[0], v[1]); },
       bools_of({4}, {0, 1, 1, 1})},
      {"equal_int",
       {kIndex},
       [](auto& v) { return equal(v[0], scalar_like(v[0], 5)); },
       bools_of({4}, {0, 0, 0, 1})},
      {"and",
       {bools_of({2}, {1, 1}), bools_of({2}, {0, 1})},
       [](auto& v) { return logical_and(v[0], v[1]); },
       bools_of({2}, {0, 1})},
      {"where_int",
       {bools_of({2, 1}, {1, 0}), ints_of({2}, {1, 2})},
       [](auto& v) { return where(v[0], v[1], scalar_like(v[1], 0)); },
       ints_of({2, 2}, {1, 2, 0, 0})},
      {"non_zero",
       {bools_of({2, 2}, {0, 1, 1, 0})},
       [](auto& v) { return non_zero(v[0]); },
       ints_of({2, 2}, {0, 1, 1, 0})},
  };
}

std::vector<Case> shape_cases() {
  return {
      {"cast",
       {floats_of({2}, {1.9F, -1.9F})},
       [](auto& v) { return cast(v[0], DType::kInt64); },
       ints_of({2}, {1, -1})},
      {"shape_of", {kMatrix}, [](auto& v) { return shape_of(v[0]); }, ints_of({2}, {2, 3})},
      {"size_of", {kMatrix}, [](auto& v) { return size_of(v[0], 1); }, ints_of({1}, {3})},
      {"reshape",
       {kMatrix},
       [](auto& v) {
         return reshape(v[0], {0, -1, 1});
       },
       floats_of({2, 3, 1}, {1, -2, 3, -4, 5, -6})},
      {"reshape_to",
       {kMatrix},
       [](auto& v) {
         return reshape_to(v[0], ints(*v[0].graph, {3, 2}));
       },
       floats_of({3, 2}, {1, -2, 3, -4, 5, -6})},
      {"transpose",
       {kMatrix},
       [](auto& v) {
         return transpose(v[0], {1, 0});
       },
       floats_of({3, 2}, {1, -4, -2, 5, 3, -6})},
      {"unsqueeze",
       {kRow},
       [](auto& v) {
         return unsqueeze(v[0], {0, 2});
       },
       floats_of({1, 3, 1}, {2, 2, -2})},
      {"squeeze",
       {floats_of({1, 3, 1}, {2, 2, -2})},
       [](auto& v) {
         return squeeze(v[0], {0, 2});
       },
       kRow},
      {"reshape_like",
       {kImage, kIndex},
       [](auto& v) { return reshape_like(v[0], v[1]); },
       floats_of({4}, {0, 1, 2, 3})},
      {"flatten", {kImage}, [](auto& v) { return flatten(v[0]); }, floats_of({1, 4}, {0, 1, 2, 3})},
      {"expand",
       {floats_of({2, 1}, {1, 2})},
       [](auto& v) {
         return expand(v[0], ints(*v[0].graph, {2, 2}));
       },
       floats_of({2, 2}, {1, 1, 2, 2})},
      {"fill",
       {ints_of({2}, {1, 2})},
       [](auto& v) { return fill(v[0], 7, DType::kFloat32); },
       floats_of({1, 2}, {7, 7})},
      {"concat",
       {kMatrix, floats_of({2, 1}, {8, 9})},
       [](auto& v) {
         return concat({v[0], v[1]}, 1);
       },
       floats_of({2, 4}, {1, -2, 3, 8, -4, 5, -6, 9})},
      {"pad",
       {kImage},
       [](auto& v) {
         return pad(v[0], ints(*v[0].graph, {0, 0, 0, 0, 0, 0, 1, 1}));
       },
       floats_of({1, 1, 3, 3}, {0, 1, 0, 2, 3, 0, 0, 0, 0})},
      {"range", {ints_of({1}, {3})}, [](auto& v) { return range(v[0]); }, ints_of({3}, {0, 1, 2})},
      {"range_empty", {ints_of({1}, {0})}, [](auto& v) { return range(v[0]); }, ints_of({0}, {})},
  };
}

std::vector<Case> index_cases() {
  return {
      {"slice",
       {kMatrix},
       [](auto& v) { return slice(v[0], {.axis = 1, .start = 1}); },
       floats_of({2, 2}, {-2, 3, 5, -6})},
      {"slice_step",
       {kMatrix},
       [](auto& v) { return slice(v[0], {.axis = 1, .start = 0, .end = 3, .step = 2}); },
       floats_of({2, 2}, {1, 3, -4, -6})},
      {"slice_to",
       {kMatrix, ints_of({1}, {1})},
       [](auto& v) { return slice_to(v[0], 1, v[1]); },
       floats_of({2, 1}, {1, -4})},
      {"slice_bool",
       {bools_of({1, 2}, {1, 0}), ints_of({1}, {0})},
       [](auto& v) { return slice_to(v[0], 1, v[1]); },
       bools_of({1, 0}, {})},
      {"gather",
       {kMatrix, ints_of({1, 2}, {1, 0})},
       [](auto& v) { return gather(v[0], v[1], 0); },
       floats_of({1, 2, 3}, {-4, 5, -6, 1, -2, 3})},
      {"pick",
       {kMatrix},
       [](auto& v) {
         return pick(v[0], {2, 0}, 1);
       },
       floats_of({2, 2}, {3, 1, -6, -4})},
      {"gather_nd",
       {kMatrix, ints_of({2, 2}, {0, 2, 1, 1})},
       [](auto& v) { return gather_nd(v[0], v[1]); },
       floats_of({2}, {3, 5})},
      {"gather_elements",
       {kMatrix, ints_of({2, 1}, {2, 0})},
       [](auto& v) { return gather_elements(v[0], v[1], 1); },
       floats_of({2, 1}, {3, -4})},
      {"scatter_nd",
       {kMatrix, ints_of({1, 2}, {1, 2}), floats_of({1}, {9})},
       [](auto& v) { return scatter_nd(v[0], v[1], v[2]); },
       floats_of({2, 3}, {1, -2, 3, -4, 5, 9})},
      {"top_k_values",
       {floats_of({1, 4}, {1, 3, 3, 2})},
       [](auto& v) { return top_k(v[0], ints(*v[0].graph, {3}), 1).values; },
       floats_of({1, 3}, {3, 3, 2})},
      {"top_k_indices",
       {floats_of({1, 4}, {1, 3, 3, 2})},
       [](auto& v) { return top_k(v[0], ints(*v[0].graph, {3}), 1).indices; },
       ints_of({1, 3}, {1, 2, 3})},
  };
}

std::vector<Case> reduction_cases() {
  return {
      {"reduce_max",
       {kMatrix},
       [](auto& v) { return reduce_max(v[0], {1}, true); },
       floats_of({2, 1}, {3, 5})},
      {"reduce_min",
       {kMatrix},
       [](auto& v) { return reduce_min(v[0], {0}, false); },
       floats_of({3}, {-4, -2, -6})},
      {"reduce_max_int",
       {kIndex},
       [](auto& v) { return reduce_max(v[0], {0}, true); },
       ints_of({1}, {7})},
      {"reduce_min_int",
       {kIndex},
       [](auto& v) { return reduce_min(v[0], {0}, true); },
       ints_of({1}, {-3})},
      {"reduce_sum",
       {kMatrix},
       [](auto& v) {
         return reduce_sum(v[0], {0, 1}, false);
       },
       floats_of({}, {-3})},
      {"reduce_sum_int",
       {kIndex},
       [](auto& v) { return reduce_sum(v[0], {0}, false); },
       ints_of({}, {9})},
      {"arg_max",
       {floats_of({2, 3}, {1, 2, 2, -4, -5, -6})},
       [](auto& v) { return arg_max(v[0], 1, false); },
       ints_of({2}, {1, 0})},
      {"arg_max_kept",
       {kMatrix},
       [](auto& v) { return arg_max(v[0], 0, true); },
       ints_of({1, 3}, {0, 1, 0})},
      {"global_average_pool",
       {kImage},
       [](auto& v) { return global_average_pool(v[0]); },
       floats_of({1, 1, 1, 1}, {1.5})},
      {"reduce_l2",
       {floats_of({2, 2}, {3, 0, 4, 2})},
       [](auto& v) { return reduce_l2(v[0], {0}, true); },
       floats_of({1, 2}, {5, 2})},
      {"max_pool_up",
       {floats_of({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9})},
       [](auto& v) { return max_pool(v[0], {.ceil = true}); },
       floats_of({1, 1, 2, 2}, {5, 6, 8, 9})},
      {"max_pool",
       {floats_of({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9})},
       [](auto& v) { return max_pool(v[0], {.kernel = 1}); },
       floats_of({1, 1, 2, 2}, {1, 3, 7, 9})},
  };
}

std::vector<Case> layer_cases() {
  return {
      {"conv",
       {floats_of({1, 2, 1, 3}, {1, 2, 3, 4, 5, 6}), floats_of({2, 1, 1, 1}, {1, 10}),
        floats_of({2}, {0, 1})},
       [](auto& v) {
         return conv(v[0], v[1], v[2], {.kernel = {1, 1}, .stride = {2}, .groups = 2});
       },
       floats_of({1, 2, 1, 2}, {1, 3, 41, 61})},
      {"conv_dilated",
       {floats_of({1, 1, 1, 5}, {1, 2, 3, 4, 5}), floats_of({1, 1, 1, 3}, {1, 1, 1})},
       [](auto& v) {
         return conv(v[0], v[1], {}, {.kernel = {1, 3}, .dilation = 2});
       },
       floats_of({1, 1, 1, 1}, {9})},
      {"conv_of_clips",
       {floats_of({1, 1, 3, 1, 2}, {1, 2, 3, 4, 5, 6}), floats_of({1, 1, 2, 1, 1}, {1, 10})},
       [](auto& v) {
         return conv(v[0], v[1], {},
                     {.kernel = {2, 1, 1}, .stride = {2, 1, 1}, .padding = {1, 0, 0}});
       },
       floats_of({1, 1, 2, 1, 2}, {10, 20, 53, 64})},
      {"max_pool3d",
       {floats_of({1, 1, 2, 1, 3}, {1, 9, 3, 4, 5, 6})},
       [](auto& v) {
         return max_pool3d(v[0], {.kernel = {2, 1, 3}, .stride = {1, 1, 2}, .padding = {0, 0, 1}});
       },
       floats_of({1, 1, 1, 1, 2}, {9, 9})},
      {"average_pool3d",
       {floats_of({1, 1, 2, 1, 3}, {1, 9, 3, 4, 5, 6})},
       [](auto& v) {
         return average_pool3d(v[0], {.kernel = {2, 1, 2}});
       },
       floats_of({1, 1, 1, 1, 2}, {4.75, 5.75})},
      {"halves",
       {floats_of({1, 4, 1}, {1, 2, 3, 4})},
       [](auto& v) { return halves(v[0], 1)[1]; },
       floats_of({1, 2, 1}, {3, 4})},
      {"resize_aligned",
       {floats_of({1, 1, 1, 3}, {0, 2, 10})},
       [](auto& v) {
         return resize_aligned(v[0], ints(*v[0].graph, {1, 1, 1, 5}));
       },
       floats_of({1, 1, 1, 5}, {0, 1, 2, 6, 10})},
      {"conv_transpose",
       {floats_of({1, 2, 1, 2}, {1, 2, 3, 4}), floats_of({2, 1, 2, 2}, {1, 0, 0, 1, 10, 0, 0, 0}),
        floats_of({1}, {0.5})},
       [](auto& v) { return conv_transpose(v[0], v[1], v[2], {}); },
       floats_of({1, 1, 2, 4}, {31.5, 0.5, 42.5, 0.5, 0.5, 1.5, 0.5, 2.5})},
      {"conv_transpose_padded",
       {kImage, floats_of({1, 1, 4, 4}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}),
        floats_of({1}, {0})},
       [](auto& v) { return conv_transpose(v[0], v[1], v[2], {.kernel = 4, .padding = 1}); },
       floats_of({1, 1, 4, 4}, {0, 1, 1, 1, 2, 6, 6, 4, 2, 6, 6, 4, 2, 5, 5, 3})},
      {"gemm",
       {kMatrix, floats_of({1, 3}, {1, 1, 1}), floats_of({1}, {0.5})},
       [](auto& v) { return gemm(v[0], v[1], v[2]); },
       floats_of({2, 1}, {2.5, -4.5})},
      {"matmul",
       {kMatrix, floats_of({3, 1}, {1, 1, 1})},
       [](auto& v) { return matmul(v[0], v[1]); },
       floats_of({2, 1}, {2, -5})},
      {"batch_normalization",
       {kImage, floats_of({1}, {2})},
       [](auto& v) { return batch_normalization(v[0], v[1], v[1], v[1], v[1], 2.0F); },
       floats_of({1, 1, 2, 2}, {0, 1, 2, 3})},
      {"instance_normalization",
       {floats_of({1, 1, 4}, {0, 2, 0, 2}), floats_of({1}, {2}), floats_of({1}, {1})},
       [](auto& v) { return instance_normalization(v[0], v[1], v[2], 3.0F); },
       floats_of({1, 1, 4}, {0, 2, 0, 2})},
      {"resize_nearest",
       {kImage},
       [](auto& v) {
         return resize_nearest(v[0], ints(*v[0].graph, {1, 1, 2, 5}));
       },
       floats_of({1, 1, 2, 5}, {0, 0, 0, 1, 1, 2, 2, 2, 3, 3})},
      {"roi_align",
       {kImage, floats_of({1, 4}, {0, 0, 2, 2}), ints_of({1}, {0})},
       [](auto& v) {
         return roi_align(v[0], v[1], v[2],
                          {.height = 1, .width = 1, .sampling_ratio = 1, .scale = 0.5});
       },
       floats_of({1, 1, 1, 1}, {1.5})},
      {"roi_align_empty",
       {kImage, floats_of({0, 4}, {}), ints_of({0}, {})},
       [](auto& v) { return roi_align(v[0], v[1], v[2], {.height = 1, .width = 1}); },
       floats_of({0, 1, 1, 1}, {})},
      {"non_max_suppression",
       {floats_of({1, 3, 4}, {0, 0, 2, 2, 0, 0, 2, 2, 5, 5, 6, 6}),
        floats_of({1, 1, 3}, {0.5, 0.9F, 0.1F})},
       [](auto& v) {
         return non_max_suppression(v[0], v[1], {.iou_threshold = 0.5, .score_threshold = 0});
       },
       ints_of({2, 3}, {0, 0, 1, 0, 0, 2})},
  };
}

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (const auto& group : {arithmetic_cases(), comparison_cases(), shape_cases(), index_cases(),
                            reduction_cases(), layer_cases()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

class Operation : public ::testing::TestWithParam<Case> {
 protected:
  /// Inputs are declared by number, or by symbol where `symbolic`.
  static Value build(Graph& graph, const Case& c, bool symbolic) {
    std::vector<Value> values;
    for (std::size_t k = 0; k < c.inputs.size(); ++k) {
      Dims dims(c.inputs[k].shape.begin(), c.inputs[k].shape.end());
      // Channels of weights and values of shapes are numbers in every model.
      if (symbolic && k == 0 && dims.size() != 1) dims.back() = "last";
      values.push_back(
          graph.add_input("x" + std::to_string(k), c.inputs[k].dtype, std::move(dims)));
    }
    return c.build(values);
  }

  static void expect_dims(Value value, const Shape& actual) {
    const std::optional<Dims>& dims = value.graph->info(value.id).dims;
    if (!dims) return;
    ASSERT_EQ(dims->size(), actual.size());
    for (std::size_t k = 0; k < actual.size(); ++k) {
      const Dim& dim = (*dims)[k];
      EXPECT_TRUE(!dim.is_number() || dim.number() == actual[k]) << "axis " << k;
    }
  }
};

TEST_P(Operation, IsTheSameAtEveryOpset) {
  const Case& c = GetParam();
  for (int opset = kMinOpset; opset <= kMaxOpset; ++opset) {
    for (const bool symbolic : {false, true}) {
      SCOPED_TRACE("opset " + std::to_string(opset));
      Graph graph(opset);
      const Value y = build(graph, c, symbolic);
      EXPECT_EQ(y.dtype(), c.expected.dtype);
      expect_dims(y, c.expected.shape);
      graph.add_output(y, "y", Dims(c.expected.shape.size()));
      const Tensor found = run_graph(graph, c.inputs)[0];
      EXPECT_EQ(found.shape, c.expected.shape);
      EXPECT_EQ(found.dtype, c.expected.dtype);
      expect_near(found, c.expected, 1e-6F);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Operation, ::testing::ValuesIn(all_cases()),
                         [](const auto& one) { return one.param.name; });

TEST(Operations, OneValueIsNotConcatenated) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {1});
  EXPECT_EQ(concat({x}, 0).id, x.id);
}

TEST(Operations, ACastToTheSameTypeIsNone) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {1});
  EXPECT_EQ(cast(x, DType::kFloat32).id, x.id);
}

TEST(Operations, KnownSizesAreConstants) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {"n", 3});
  EXPECT_NE(graph.initializer(size_of(x, 1).id), nullptr);
  EXPECT_EQ(graph.initializer(size_of(x, 0).id), nullptr);
}

TEST(Operations, SizesFollowFromNumbers) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {1, 6, 75, 5});
  EXPECT_NE(graph.initializer(shape_of(x).id), nullptr);
  EXPECT_EQ(reshape(x, {0, 2, -1}).dim(2), Dim(1125));
  const Value pooled = max_pool(x, {.ceil = true});
  EXPECT_EQ(pooled.dim(2), Dim(38));
  EXPECT_EQ(max_pool(x, {}).dim(2), Dim(37));
  EXPECT_EQ(resize_nearest(pooled, shape_of(x)).dim(2), Dim(75));
  const Value y = graph.add_input("y", DType::kFloat32, {"n", 6, 75, 5});
  EXPECT_EQ(graph.initializer(shape_of(y).id), nullptr);
  EXPECT_EQ(reshape(y, {0, 2, -1}).dim(2), Dim());
}

TEST(Operations, TheOverlapThresholdIsComparedInDouble) {
  // float32(0.6) is above 0.6, and what lies between must be suppressed as in torchvision.
  Graph graph(17);
  const Value boxes = graph.add_input("boxes", DType::kFloat32, {1, 2, 4});
  const Value scores = graph.add_input("scores", DType::kFloat32, {1, 1, 2});
  graph.add_output(non_max_suppression(boxes, scores, {.iou_threshold = 0.6, .score_threshold = 0}),
                   "y", {Dim(), 3});
  const std::vector<Tensor> found = run_graph(
      graph, {floats_of({1, 2, 4}, {0, 0, 5, 1, 0, 0, 3, 1}), floats_of({1, 1, 2}, {0.9F, 0.8F})});
  EXPECT_EQ(found[0].shape[0], 1);
}

TEST(Operations, SymbolsSurviveBroadcasting) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {"n", 1, "w"});
  const Value y = graph.add_input("y", DType::kFloat32, {4, "v"});
  const Value sum = x + y;
  EXPECT_EQ(sum.dim(0), Dim("n"));
  EXPECT_EQ(sum.dim(1), Dim(4));
  EXPECT_EQ(sum.dim(2), Dim());
}

}  // namespace
}  // namespace tv2onnx
