#pragma once
// Detectors of torchvision's kind that cannot be exported: what they lack, or have instead.

#include <string>

#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// A checkpoint that has some parts of a detector.
struct IncompleteDetector {
  std::string name;     ///< "" if all parts are there, or none
  std::string missing;  ///< "lacks the box predictor (roi_heads.box_predictor.*)"
};
IncompleteDetector incomplete_detector(const Checkpoint& checkpoint);

/// "EfficientNet of torchvision": the family of a backbone that is not built here, or "".
std::string foreign_backbone(const Checkpoint& checkpoint);

/// How a detector that torchvision runs and that is not built here becomes an ONNX file.
inline constexpr const char* kWayByTracing =
    "trace it in Python, torch.onnx.export with a photo in which it finds something, then: tv2onnx "
    "doctor TRACED.onnx --fix FIXED.onnx";

}  // namespace tv2onnx
