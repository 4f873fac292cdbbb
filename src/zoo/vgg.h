#pragma once
// torchvision/models/vgg.py: VGG (arXiv:1409.1556), as backbone of SSD.

#include "tv2onnx/nn.h"

namespace tv2onnx {

struct VggLayers {
  Value x;
  int next = 0;   ///< index of the first child that was not taken
  int pools = 0;  ///< so far, with those before
};

/// The leading convolutions of an nn.Sequential with their norms, ReLUs and pools, whose places
/// follow from the keys: VGG of any depth, with batch normalisation or without. The third pool
/// rounds sizes up, as SSD has it.
VggLayers vgg_layers(Scope s, Value x, int pools_before, double norm_eps);

}  // namespace tv2onnx
