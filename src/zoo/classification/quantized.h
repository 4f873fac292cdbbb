#pragma once
// torchvision/models/quantization: the classifiers of integers.

#include <span>
#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// The rows of the builders of torchvision.models.quantization that have one in `classifiers`.
/// They are built as those are: what a file stores beside the weights makes the difference. Float
/// weights of these builders are recognised as those of the plain ones, which compute the same.
std::vector<Model> quantized(std::span<const Model> classifiers);

}  // namespace tv2onnx
