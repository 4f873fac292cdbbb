#include "graph/ops.h"

#include <algorithm>

#include "graph/emit.h"

namespace tv2onnx {

using Ints = std::vector<std::int64_t>;

namespace {

/// How many entries of an axis of `size` a slice takes.
Dim taken(const Dim& size, const SliceSpec& spec) {
  if (!size.is_number() || spec.step != 1 || spec.start < 0 || spec.end < 0) return {};
  const std::int64_t end = std::min(spec.end, size.number());
  return std::max<std::int64_t>(end - spec.start, 0);
}

}  // namespace

Value slice(Value x, SliceSpec spec) {
  Graph& graph = *x.graph;
  std::optional<Dims> known = dims(x);
  if (known) {
    Dim& dim = (*known)[static_cast<std::size_t>(spec.axis)];
    dim = taken(dim, spec);
  }
  return one("Slice",
             {x, ints(graph, {spec.start}), ints(graph, {spec.end}), ints(graph, {spec.axis}),
              ints(graph, {spec.step})},
             {x.dtype(), known});
}
Value slice_window(Value x, Value starts, Value ends, Ints axes) {
  std::optional<Dims> known = dims(x);
  for (const std::int64_t axis : axes) {
    if (known) (*known)[static_cast<std::size_t>(axis)] = Dim();
  }
  return one("Slice", {x, starts, ends, ints(*x.graph, std::move(axes))}, {x.dtype(), known});
}
Value slice_channels(Value x, std::int64_t start, std::int64_t end) {
  Graph& graph = *x.graph;
  std::optional<Dims> known = dims(x);
  if (known) (*known)[1] = end - start;
  return one("Slice", {x, ints(graph, {start}), ints(graph, {end}), ints(graph, {1})},
             {x.dtype(), known});
}
Value slice_to(Value x, std::int64_t axis, Value end) {
  Graph& graph = *x.graph;
  std::optional<Dims> known = dims(x);
  if (known) (*known)[static_cast<std::size_t>(axis)] = Dim();
  return one("Slice", {x, ints(graph, {0}), end, ints(graph, {axis})}, {x.dtype(), known});
}
Value gather(Value x, Value indices, std::int64_t axis) {
  std::optional<Dims> known = dims(x);
  if (known && dims(indices)) {
    const auto place = known->erase(known->begin() + axis);
    known->insert(place, dims(indices)->begin(), dims(indices)->end());
  } else {
    known.reset();
  }
  return one("Gather", {x, indices}, {x.dtype(), known}, {{"axis", axis}});
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
  std::optional<Dims> known = dims(x);
  const std::optional<Dims> count = stated(k);
  if (known) (*known)[static_cast<std::size_t>(axis)] = count ? count->front() : Dim();
  const std::vector<Value> results =
      x.graph->emit("TopK", {x, k}, {{x.dtype(), known}, {DType::kInt64, known}},
                    {{"axis", axis}, {"largest", std::int64_t{1}}, {"sorted", std::int64_t{1}}});
  return {results[0], results[1]};
}

}  // namespace tv2onnx
