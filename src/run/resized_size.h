#pragma once
// The size that torchvision resizes an image to, as a number: the graph computes the same with
// operators (nn/image_transform.cpp).

#include "nn/image_transform.h"
#include "tv2onnx/detector.h"

namespace tv2onnx {

ImageSize resized_size(const ImageSize& size, const TransformSpec& spec);

}  // namespace tv2onnx
