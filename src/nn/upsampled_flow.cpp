#include "nn/upsampled_flow.h"

#include <vector>

namespace tv2onnx {
namespace {

constexpr std::int64_t kFactor = 8;
constexpr std::int64_t kCells = 9;

/// [n, 2, h, w] -> [n, h w, 9, 2]: the 3x3 cells around each, zeros beyond the map.
Value neighbours(Value flow) {
  std::vector<float> kernels(kCells * kCells, 0.0F);
  for (std::size_t k = 0; k < kCells; ++k) kernels[k * kCells + k] = 1;
  const Value weight = constant(*flow.graph, make_tensor({kCells, 1, 3, 3}, std::move(kernels)));
  const Value shape = shape_of(flow);
  const Value planes = reshape_to(
      flow, concat({ints(*flow.graph, {-1, 1}), pick(shape, {2, 3}, 0)}, 0), Dims{{}, 1, {}, {}});
  const Value around = conv(planes, weight, {}, {.kernel = {3, 3}, .padding = {1, 1}});
  const Value whole = concat({pick(shape, {0}, 0), ints(*flow.graph, {2, kCells, -1})}, 0);
  return transpose(reshape_to(around, whole), {0, 3, 2, 1});
}

}  // namespace

Value upsampled_flow(Value flow) {
  Graph& graph = *flow.graph;
  const Value scales = ints(graph, {1, 1, kFactor, kFactor});
  return resize_aligned(flow, shape_of(flow) * scales) * kFactor;
}

Value upsampled_flow(Value flow, Value mask) {
  Graph& graph = *flow.graph;
  constexpr std::int64_t kPixels = kFactor * kFactor;
  const Value shape = shape_of(flow);
  const Value weights =
      softmax(transpose(reshape(mask, {0, kCells, kPixels, -1}), {0, 3, 2, 1}), 3);
  const Value pixels = matmul(weights, neighbours(flow * kFactor));  // [n, h w, 64, 2]
  const Value cells = concat({pick(shape, {0, 2, 3}, 0), ints(graph, {kFactor, kFactor, 2})}, 0);
  const Value ordered = transpose(reshape_to(pixels, cells), {0, 5, 1, 3, 2, 4});
  return reshape_to(ordered, shape * ints(graph, {1, 1, kFactor, kFactor}));
}

}  // namespace tv2onnx
