#pragma once
// torchvision/models/detection/backbone_utils.py: the networks that detectors get their feature
// maps from.

#include <vector>

#include "nn/fpn.h"
#include "tv2onnx/nn.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// The feature maps of the backbone `s` with their names and strides. The kind of the network, and
/// which of its maps go into the pyramid, are what the weights say.
std::vector<FeatureMap> backbone_maps(Scope s, Value x, const Config& config);

}  // namespace tv2onnx
