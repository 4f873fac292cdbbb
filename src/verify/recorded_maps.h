#pragma once
// What a reference has of segmentation and flow.

#include "tv2onnx/reference.h"

namespace tv2onnx {

/// Of a photo as the network sees it.
struct RecordedLabels {
  Tensor labels;                ///< int32 [h, w]
  Tensor margin;                ///< float32 [h, w]
  Tensor logits;                ///< float32 [classes, h / 4, w / 4]
  const Tensor* aux = nullptr;  ///< likewise, if recorded
};
/// \throws Error V002 (incomplete).
RecordedLabels recorded_labels(const ReferenceCase& one, const Reference& reference);

/// \throws Error V002 unless the case has two images.
void require_two(const ReferenceCase& one, const Reference& reference);

/// float32 [classes, h, w] without three of four rows and columns.
Tensor every_fourth(const Tensor& logits);

/// What scripts/record_tasks.py records of such logits.
NamedTensors label_tensors(const Tensor& logits);

}  // namespace tv2onnx
