#include "nn/raw_outputs.h"

#include <string>

#include "nn/dense_selection.h"
#include "tv2onnx/setting.h"

namespace tv2onnx {

void raw_outputs(const std::vector<DensePrediction>& levels, std::string_view family) {
  Graph& graph = *levels.front().logits.graph;
  const NameScope names(graph, "output");
  const std::int64_t classes = levels.front().classes;
  SettingList grids;
  std::int64_t anchors = 0;
  for (const DensePrediction& level : levels) {
    const std::int64_t height = level.logits.dim(2).number();
    const std::int64_t width = level.logits.dim(3).number();
    grids.push_back({SettingList{{height}, {width}}});
    anchors += height * width * level.anchors;
  }
  const auto output = [&](const char* name, Value DensePrediction::*map, std::int64_t columns) {
    graph.add_output(rows_of(levels, map, columns), name, {1, anchors, columns});
  };
  output("cls_logits", &DensePrediction::logits, classes);
  output("bbox_regression", &DensePrediction::deltas, 4);
  if (levels.front().centerness) output("bbox_ctrness", &DensePrediction::centerness, 1);
  graph.metadata["tv2onnx.raw"] =
      to_json({SettingDict{{"family", {std::string(family)}}, {"grids", {std::move(grids)}}}});
}

}  // namespace tv2onnx
