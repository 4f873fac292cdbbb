#pragma once
// torchvision/models/detection/backbone_utils.py: the networks that detectors get their feature
// maps from, also those that people assemble.

#include <cstdint>
#include <string>
#include <vector>

#include "nn/fpn.h"
#include "tv2onnx/nn.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// The feature maps of the backbone `s` with their names and strides. The kind of the network, and
/// which of its maps go into the pyramid, are what the weights say; a backbone without pyramid has
/// one map, "0". \throws Error W001 (a network that is not known), W002 (the weights fit several
/// choices of maps), W007 (a backbone from a file that does not go with the weights).
std::vector<FeatureMap> backbone_maps(Scope s, Value x, const Config& config,
                                      const BuildOptions& options);

/// Number of channels of the images that the backbone `s` takes. \throws Error W001.
std::int64_t image_channels(Scope s, const BuildOptions& options);

/// "ResNet-50 with FPN", "MobileNetV2 without FPN"; "" for a network that is not known.
std::string backbone_name(Scope s);

}  // namespace tv2onnx
