#pragma once
// Tables of detections as inputs of a graph, filled from lists of a golden.

#include <string>
#include <vector>

#include "nn/detections.h"
#include "support/golden.h"
#include "tv2onnx/graph.h"

namespace tv2onnx::testing {

/// A table of `limit` rows per image whose boxes, labels and valid rows are inputs of the graph.
DetectionTable table_input(Graph& graph, std::int64_t limit);

/// Its inputs for NAME.boxes.0, NAME.labels.0, NAME.boxes.1, ... of two images.
std::vector<Tensor> table_of(const Golden& golden, const std::string& name, std::int64_t limit);

}  // namespace tv2onnx::testing
