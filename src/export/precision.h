#pragma once
// The precision that weights are stored with.

#include <string>

#include "onnx/model.h"
#include "tv2onnx/export.h"

namespace tv2onnx {

/// Changes the weights and says so in the metadata. Returns a sentence about what was not changed,
/// or "".
std::string apply_precision(OnnxModel& model, Precision precision);

}  // namespace tv2onnx
