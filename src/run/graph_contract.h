#pragma once
// The contract of a loaded file whose graph is known too.

#include "onnx/model.h"
#include "tv2onnx/detector.h"

namespace tv2onnx {

/// As read_contract(session), and with what the graph of a foreign file does with the pixels.
Contract read_contract(const Session& session, OnnxModel& model);

}  // namespace tv2onnx
