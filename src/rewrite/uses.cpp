#include "rewrite/uses.h"

namespace tv2onnx {

Uses::Uses(const Graph& graph) : counts_(graph.value_count()), producers_(graph.value_count(), -1) {
  for (std::size_t k = 0; k < graph.nodes().size(); ++k) {
    const Node& node = graph.nodes()[k];
    for (const std::uint32_t id : node.inputs) {
      if (id != kAbsent) ++counts_[id];
    }
    for (const std::uint32_t id : node.outputs) producers_[id] = static_cast<std::ptrdiff_t>(k);
  }
  for (const std::uint32_t id : graph.outputs()) ++counts_[id];
}

}  // namespace tv2onnx
