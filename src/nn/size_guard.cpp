#include "nn/size_guard.h"

namespace tv2onnx {

Value guarded(Value x, const SizeLimits& limits, std::string_view name) {
  Graph& graph = *x.graph;
  const NameScope names(graph, name);
  const Value step = ints(graph, limits.multiple_of);
  const Value whole = shape_of(x) / step * step;
  return reshape_to(x, maximum(whole, ints(graph, limits.at_least)), graph.info(x.id).dims);
}

}  // namespace tv2onnx
