#pragma once
// From the tensors that a detector file gives to the detections of each image.

#include <string>
#include <vector>

#include "run/prepare.h"
#include "tv2onnx/detector.h"

namespace tv2onnx {

/// Appends the detections of each image of one run on images of `extent`. Masks share the bytes of
/// their output. \throws Error R007: the outputs contradict each other or what they are said to be.
void append_detections(const std::vector<Tensor>& results, const DetectionOutputs& meaning,
                       const Extent& extent, const std::string& file, std::vector<Detections>& all);

}  // namespace tv2onnx
