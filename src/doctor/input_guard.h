#pragma once
// Images of another range or layout for a file that wants RGB 0..1 as floats: a few nodes in front
// of it. What nobody is warned of otherwise: a detector that gets 0..255 finds nothing, or finds
// nonsense, or dies.

#include "onnx/model.h"
#include "tv2onnx/nn.h"

namespace tv2onnx::doctor {

/// kUint8: the input becomes uint8 [batch, height, width, 3] of 0..255; kAuto: an image whose
/// largest value is above 1.5 is divided by 255. The input keeps its name.
/// \throws Error D113: the file has no float image as input, or does not want 0..1.
void add_input_guard(OnnxModel& model, InputMode mode);

}  // namespace tv2onnx::doctor
