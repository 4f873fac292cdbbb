#pragma once
// What every exported detector takes and returns, whatever the family: the modes of input and
// output, in one place.

#include <cstdint>

#include "tv2onnx/graph.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// Adds the graph input and returns float32 [batch, 3, height, width], RGB, 0..1.
Value detector_input(Graph& graph, InputMode mode, bool bgr);

/// At most `limit` detections per image, best first.
struct DetectionTable {
  Value boxes;   ///< float32 [batch, limit, 4] in pixels of the input
  Value labels;  ///< int64 [batch, limit]
  Value scores;  ///< float32 [batch, limit]
  Value valid;   ///< bool [batch, limit]: the rows that count, before all others
  std::int64_t limit = 100;
};

/// Declares the graph outputs.
void detector_outputs(const DetectionTable& table, OutputMode mode);

}  // namespace tv2onnx
