#include "nn/pooling.h"

#include <vector>

#include "nn/computed_parts.h"
#include "nn/quantised.h"

namespace tv2onnx {
namespace {

/// int64 [count, 1]: first, first + 1, ...
Value column(Graph& graph, std::int64_t first, std::int64_t count) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t k = 0; k < count; ++k) numbers.push_back(first + k);
  return constant(graph, make_tensor({count, 1}, std::move(numbers)));
}

/// float32 [cells, length]: which share each position of an axis has of each cell's mean.
Value membership(Value length, std::int64_t cells) {
  Graph& graph = *length.graph;
  const Value count = ints(graph, {cells});
  const Value first = column(graph, 0, cells) * length / count;
  const Value end = (column(graph, 1, cells) * length + static_cast<double>(cells - 1)) / count;
  const Value positions = unsqueeze(range(length), {0});
  const Value inside = logical_and(greater_or_equal(positions, first), less(positions, end));
  return cast(inside, DType::kFloat32) / cast(end - first, DType::kFloat32);
}

}  // namespace

Value max_pool2d(Scope s, Value x, const PoolAttributes& options) {
  computes_max_pool(s, options);
  const NameScope names(s.graph(), s.prefix());
  return max_pool(x, options);
}

Value average_pool2d(Scope s, Value x, const PoolAttributes& options) {
  computes_average_pool(s, options);
  const NameScope names(s.graph(), s.prefix());
  return rounded_like(x, average_pool(x, options));
}

Value adaptive_average_pool(Scope s, Value x, std::int64_t size) {
  computes_adaptive_pool(s, size);
  if (x.dim(2) == Dim(size) && x.dim(3) == Dim(size)) return x;
  const NameScope names(s.graph(), s.prefix());
  const Value rows = membership(size_of(x, 2), size);
  const Value columns = membership(size_of(x, 3), size);
  const Value pooled = matmul(matmul(rows, x), transpose(columns, {1, 0}));
  return reshape(pooled, {0, x.dim(1).number(), size, size});
}

Value average_of_maps(Scope s, Value x) {
  computes_adaptive_pool(s, 1);
  const NameScope names(s.graph(), s.prefix());
  return average_of_rounded(x);
}

Value mean_over_positions(Scope s, Value x) {
  const Value maps = average_of_maps(s, x);
  // torch.flatten is a function of the module around.
  const std::size_t dot = s.prefix().rfind('.');
  const NameScope names(s.graph(), dot == std::string::npos ? "" : s.prefix().substr(0, dot));
  return flatten(maps);
}

Value mean_over_tokens(Scope s, Value tokens) {
  computes_adaptive_pool(s, 1);
  const NameScope names(s.graph(), s.prefix());
  return reduce_mean(tokens, {1}, false);
}

Value channel_shuffle(Value x, std::int64_t groups) {
  const std::int64_t channels = x.dim(1).number();
  std::vector<std::int64_t> order;
  for (std::int64_t k = 0; k < channels; ++k) {
    order.push_back(k % groups * (channels / groups) + k / groups);
  }
  return pick(x, std::move(order), 1);
}

}  // namespace tv2onnx
