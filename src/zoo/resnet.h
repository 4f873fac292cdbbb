#pragma once
// torchvision/models/resnet.py: ResNet (arXiv:1512.03385), ResNeXt (arXiv:1611.05431), Wide ResNet
// (arXiv:1605.07146), as backbone.

#include <array>
#include <string>
#include <vector>

#include "nn/fpn.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// True if the weights of `body` are a ResNet's, under torchvision's names or, as of
/// nn.Sequential(*resnet.children()), under numbers.
bool is_resnet(Scope body);

/// The first convolution.
Scope resnet_stem(Scope body);

/// The outputs of layer1, layer2, ... (strides 4, 8, ...) under these names, as many as the weights
/// are for. Kind and number of blocks, widths and groups are the file's, so every ResNet is this
/// one function. \throws Error W001 for another normalisation than BatchNorm2d.
std::vector<FeatureMap> resnet_maps(Scope body, Value x, double norm_eps);

/// The same with torchvision's replace_stride_with_dilation: whether layer2, layer3, layer4 dilate
/// their 3x3 convolutions instead of halving the map.
std::vector<FeatureMap> dilated_resnet_maps(Scope body, Value x, double norm_eps,
                                            const std::array<bool, 3>& dilated);

/// "ResNet-50", "ResNeXt-101 32x8d", "Wide ResNet-50-2", or the numbers of blocks.
std::string resnet_name(Scope body);

}  // namespace tv2onnx
