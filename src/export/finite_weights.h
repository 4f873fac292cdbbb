#pragma once
// Weights that no detector can have: NaN, and what becomes infinite on the way into the file.

#include "export/weight_scan.h"
#include "onnx/model.h"
#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// Before layers are folded, while each tensor has the checkpoint's key.
/// \throws Error W006: batch normalisation divides by zero, or a statistic is NaN.
void require_normalisation(OnnxModel& model, const Checkpoint& checkpoint);

/// Every number that is written. Infinities that are the checkpoint's own are as PyTorch has them.
/// \throws Error W006: NaN, or infinite where the checkpoint is finite.
void require_finite(const OnnxModel& model, const Checkpoint& checkpoint,
                    const WeightScan& scan = {});

}  // namespace tv2onnx
