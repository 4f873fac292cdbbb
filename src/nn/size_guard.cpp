#include "nn/size_guard.h"

#include <utility>

#include "tv2onnx/setting.h"

namespace tv2onnx {

void state_smallest(Graph& graph, std::vector<std::int64_t> sides) {
  SettingList list;
  for (const std::int64_t side : sides) list.push_back({side});
  graph.metadata["tv2onnx.smallest_size"] = to_json({std::move(list)});
}

Value guarded(Value x, const SizeLimits& limits, std::string_view name) {
  Graph& graph = *x.graph;
  state_smallest(graph, {limits.at_least.begin() + 2, limits.at_least.end()});
  const NameScope names(graph, name);
  const Value step = ints(graph, limits.multiple_of);
  const Value whole = shape_of(x) / step * step;
  return reshape_to(x, maximum(whole, ints(graph, limits.at_least)), graph.info(x.id).dims);
}

}  // namespace tv2onnx
