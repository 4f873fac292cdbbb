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
    "where the model is in Python: scripts/export_backbone.py writes its backbone "
    "(torch.onnx.export "
    "of that alone is exact); then tv2onnx export FILE.pth --backbone BACKBONE.onnx -o MODEL.onnx. "
    "tv2onnx explain W007 has more";

}  // namespace tv2onnx
