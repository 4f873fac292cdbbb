#pragma once
// Sizes of images on the command line.

#include <string>

#include "tv2onnx/detector.h"

namespace tv2onnx::cli {

/// "480x640": height and width. \throws Error U002.
ImageSize parse_size(const std::string& text);

}  // namespace tv2onnx::cli
