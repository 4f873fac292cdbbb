#pragma once
// torchvision/models/resnet.py: ResNet (arXiv:1512.03385), ResNeXt (arXiv:1611.05431), Wide ResNet
// (arXiv:1605.07146), as backbone.

#include <vector>

#include "nn/fpn.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// The outputs of layer1, layer2, ... (strides 4, 8, ...), as many as the weights are for. Kind and
/// number of blocks, widths and groups are the file's, so every ResNet is this one function.
std::vector<FeatureMap> resnet_maps(Scope body, Value x, double norm_eps);

}  // namespace tv2onnx
