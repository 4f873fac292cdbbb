#pragma once
// torchvision/models/vgg.py: VGG (arXiv:1409.1556), the layers of the classifier and of SSD.

#include <vector>

#include "tv2onnx/nn.h"

namespace tv2onnx {

struct VggOptions {
  double norm_eps = 1e-5;
  int pools_before = 0;         ///< in a part that came before
  int pool_that_rounds_up = 0;  ///< the third for SSD; 0: none
};

struct VggLayers {
  Value x;
  int next = 0;                         ///< index of the first child that was not taken
  int pools = 0;                        ///< so far, with those before
  std::vector<int> convolutions = {0};  ///< before the first pool, before the second, ...
};

/// The leading convolutions of an nn.Sequential with their norms, ReLUs and pools, whose places
/// follow from the keys: VGG of any depth, with batch normalisation or without. A pool behind the
/// last convolution is not taken.
VggLayers vgg_layers(Scope s, Value x, const VggOptions& options);

}  // namespace tv2onnx
