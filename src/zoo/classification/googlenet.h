#pragma once
// torchvision/models/googlenet.py: GoogLeNet (arXiv:1409.4842), and what Inception v3 has from it.

#include "nn/layers.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// BasicConv2d: convolution without bias, normalisation, ReLU.
Value basic_conv2d(Scope s, Value x, const Conv2d& options, double norm_eps);

/// The options transform_input and, with it, the normalisation that both have.
std::vector<Option> transform_input_options();
/// From ImageNet's normalisation to mean = std = 0.5, if the option transform_input says so.
Value transformed_input(Scope s, Value x, const Config& config);

Model googlenet();

}  // namespace tv2onnx
