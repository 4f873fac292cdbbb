#pragma once
// Who made a file, and which torchvision belongs to it.

#include <optional>
#include <string>

#include "onnx/model.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx::doctor {

/// "pytorch 1.13.0, opset 11"
std::string producer_text(const OnnxModel& model);

/// The torchvision that was released with the torch that wrote the file; nullopt for other
/// producers.
std::optional<TorchvisionVersion> torchvision_of(const OnnxModel& model);

}  // namespace tv2onnx::doctor
