#pragma once
// What a file under trial makes of an image, whether its outputs are understood or not.

#include <string>
#include <vector>

#include "run/prepare.h"
#include "tv2onnx/detector.h"

namespace tv2onnx::doctor {

struct Answer {
  std::vector<Tensor> outputs;
  std::string failure;  ///< the runtime's message, or ""
};

/// Runs the file on uint8 [n, height, width, 3] RGB.
Answer answer_of(const Detector& detector, const Tensor& images, const Preparation& preparation);

/// What the file was made for, as far as it is known.
Preparation meant_for(const Detector& detector);

/// Outputs that are not understood are counted but not judged.
bool understood(const Detector& detector);

/// Of all detections; empty if the run failed or the outputs are not understood.
std::vector<float> scores_of(const Detector& detector, const Answer& answer);
std::vector<float> boxes_of(const Detector& detector, const Answer& answer);

}  // namespace tv2onnx::doctor
