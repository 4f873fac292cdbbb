#pragma once
// A foreign file as a checkpoint: its weights under torchvision's keys.

#include <vector>

#include "doctor/rebuild/layers.h"
#include "tv2onnx/checkpoint.h"

namespace tv2onnx::doctor {

/// The weights of the named layers, and others whose names were kept. Where the file says eps of a
/// normalisation, it becomes an attribute of its module. The result shows bytes of the model.
/// \throws Error D111: layers without a name, or two of one name.
Checkpoint recover_weights(const View& view, const std::vector<Layer>& layers);

}  // namespace tv2onnx::doctor
