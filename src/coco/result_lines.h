#pragma once
// COCO's results of one image, for those who write them as they come.

#include <string>
#include <vector>

#include "tv2onnx/coco.h"

namespace tv2onnx {

/// The entries of coco_results() for this image, as JSON. \throws Error R006.
std::vector<std::string> coco_lines(const CocoImage& image);

}  // namespace tv2onnx
