#pragma once
// Tables of detections as inputs of a graph, filled from lists of a golden.

#include <string>
#include <vector>

#include "nn/detections.h"
#include "nn/fpn.h"
#include "support/golden.h"
#include "tv2onnx/graph.h"

namespace tv2onnx::testing {

/// A table of `limit` rows per image whose boxes, labels and valid rows are inputs of the graph.
DetectionTable table_input(Graph& graph, std::int64_t limit);

/// Maps [batch, 3, h, w] of strides 8, 16 and 32, which are inputs of the graph.
std::vector<FeatureMap> map_inputs(Graph& graph);

/// Its inputs for NAME.boxes.0, NAME.labels.0, NAME.boxes.1, ... of two images.
std::vector<Tensor> table_of(const Golden& golden, const std::string& name, std::int64_t limit);
/// The same behind the maps of the golden.
std::vector<Tensor> maps_and_table_of(const Golden& golden, const std::string& name,
                                      std::int64_t limit);

}  // namespace tv2onnx::testing
