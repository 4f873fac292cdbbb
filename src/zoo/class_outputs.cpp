#include "zoo/class_outputs.h"

#include <fmt/format.h>

#include <algorithm>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kUsualTop = 5;

/// How many of the best classes a file gives.
std::int64_t top_of(const BuildOptions& options, const Dim& classes) {
  const std::int64_t most = classes.is_number() ? classes.number() : kUsualTop;
  const std::int64_t top = options.top.value_or(std::min(kUsualTop, most));
  if (top >= 1 && top <= most) return top;
  throw Error({.code = "U002",
               .found = fmt::format("the best {} of {} classes", top, most),
               .where = {.item = "--top"},
               .expected = fmt::format("1 to {}", most)});
}

}  // namespace

void class_outputs(Value logits, const BuildOptions& options) {
  Graph& graph = *logits.graph;
  const Dim classes = logits.dim(1);
  const OutputMode mode = output_mode(options, Task::kClassification);
  if (options.top && mode != OutputMode::kTopK) {
    throw Error({.code = "U002",
                 .found = fmt::format("the best {}", *options.top),
                 .where = {.item = "--top"},
                 .expected = "--outputs topk with it"});
  }
  if (mode == OutputMode::kLogits) return graph.add_output(logits, "logits", {"batch", classes});
  const NameScope names(graph, "output");
  const Value probabilities = softmax(logits, 1);
  if (mode == OutputMode::kProbabilities) {
    return graph.add_output(probabilities, "probabilities", {"batch", classes});
  }
  const std::int64_t top = top_of(options, classes);
  const TopK best = top_k(probabilities, ints(graph, {top}), 1);
  graph.add_output(best.values, "scores", {"batch", top});
  graph.add_output(best.indices, "labels", {"batch", top});
}

std::int64_t output_classes(const Graph& graph) {
  if (graph.outputs().empty()) return 0;
  std::uint32_t scores = graph.outputs().front();
  for (const Node& node : graph.nodes()) {
    if (node.op == "TopK" && node.outputs.front() == scores) scores = node.inputs.front();
  }
  const std::optional<Dims>& dims = graph.info(scores).dims;
  return dims && dims->back().is_number() ? dims->back().number() : 0;
}

}  // namespace tv2onnx
