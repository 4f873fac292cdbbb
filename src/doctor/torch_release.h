#pragma once
// Which torchvision belongs to the torch that wrote a file.

#include <optional>

#include "onnx/model.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx::doctor {

/// Releases go in step: torch 1.13 and torchvision 0.14, torch 2.6 and torchvision 0.21. Nullopt if
/// the file does not say which torch, or another program, wrote it.
std::optional<TorchvisionVersion> torchvision_of(const OnnxModel& model);

}  // namespace tv2onnx::doctor
