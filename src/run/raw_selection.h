#pragma once
// postprocess_detections of torchvision's RetinaNet, FCOS and SSD on the outputs of raw files, in
// float32 and in its order.

#include <span>

#include "run/raw_model.h"

namespace tv2onnx {

struct RawOutputs {
  std::span<const float> logits;      ///< [references, classes]
  std::span<const float> deltas;      ///< [references, 4]
  std::span<const float> centerness;  ///< [references], FCOS only
};

/// Detections of an image that was resized from `original` to `size`, in pixels of the original.
Detections select_detections(const RawOutputs& outputs, const RawModel& model,
                             const ImageSize& size, const ImageSize& original);

}  // namespace tv2onnx
