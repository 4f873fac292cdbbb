#pragma once
// From a checkpoint to the model that is written.

#include "onnx/model.h"
#include "tv2onnx/export.h"

namespace tv2onnx {

struct BuiltModel {
  OnnxModel model;
  ExportReport report;  ///< lacks only what writing adds
};

/// Builds the model of a checkpoint, which must outlive it, with metadata, and folds what can be.
/// \throws Error W001 (architecture unknown), W002 (settings and weights contradict), W003
/// (missing, unused or mis-shaped tensors), W004 (another architecture than asked for), W005
/// (modules of a whole module that are not torchvision's), W006 (weights that are not finite),
/// U001, U002, X003 (cancelled), G001 (a bug: the model is not sound).
BuiltModel build_model(const Checkpoint& checkpoint, const ExportOptions& options);

}  // namespace tv2onnx
