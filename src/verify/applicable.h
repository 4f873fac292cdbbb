#pragma once
// Which images mean the same to PyTorch's model and to an exported file.

#include <string>

#include "tv2onnx/detector.h"

namespace tv2onnx {

/// Height and width. \param images as in ReferenceCase
ImageSize size_of_images(const Tensor& images);

/// Why the detector cannot be asked about these images, or "". Float images go to PyTorch as they
/// are, so a file that takes bytes or rescales what it gets answers another question; so does one
/// that was exported for images of another size.
std::string not_applicable(const Detector& detector, const Tensor& images);

}  // namespace tv2onnx
