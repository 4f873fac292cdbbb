#include "nn/size_guard.h"

#include <algorithm>
#include <utility>

#include "tv2onnx/setting.h"

namespace tv2onnx {
namespace {

/// Height and width, of clips time before them.
void state_smallest(Graph& graph, const std::vector<std::int64_t>& at_least) {
  SettingList list;
  for (std::size_t axis = 2; axis < at_least.size(); ++axis) list.push_back({at_least[axis]});
  graph.metadata["tv2onnx.smallest_size"] = to_json({std::move(list)});
}

}  // namespace

Value guarded(Value x, const SizeLimits& limits, std::string_view name) {
  Graph& graph = *x.graph;
  state_smallest(graph, limits.at_least);
  const NameScope names(graph, name);
  Value whole = shape_of(x);
  if (std::ranges::max(limits.multiple_of) > 1) {
    const Value step = ints(graph, limits.multiple_of);
    whole = whole / step * step;
  }
  return reshape_to(x, maximum(whole, ints(graph, limits.at_least)), graph.info(x.id).dims);
}

}  // namespace tv2onnx
