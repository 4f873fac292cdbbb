#pragma once
// SSDFeatureExtractorVGG (torchvision/models/detection/ssd.py) and
// SSDLiteFeatureExtractorMobileNet (ssdlite.py).

#include <vector>

#include "nn/fpn.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

std::vector<FeatureMap> ssd_vgg_maps(Scope s, Value x, double norm_eps);
std::vector<FeatureMap> ssdlite_mobilenet_maps(Scope s, Value x, double norm_eps);

}  // namespace tv2onnx
