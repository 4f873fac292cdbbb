#pragma once
// What was found in one image as JSON on one line.

#include <string>
#include <vector>

#include "tv2onnx/classify.h"
#include "tv2onnx/detect.h"

namespace tv2onnx {

std::string found_row(const FoundImage& image, const std::vector<std::string>& names);
std::string classified_row(const ClassifiedImage& result, const std::vector<std::string>& names);

/// The detections alone, each as JSON.
std::vector<std::string> detection_rows(const FoundImage& image,
                                        const std::vector<std::string>& names);

}  // namespace tv2onnx
