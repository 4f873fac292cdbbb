#pragma once
// The weights of a network that is no detector: classification, segmentation, video, flow.

#include <vector>

#include "doctor/rebuild/layers.h"
#include "tv2onnx/checkpoint.h"

namespace tv2onnx::doctor {

/// Under the keys of the row of the table of models that has a place for all of them.
/// \throws Error D110 (no such row), D111 (one that has a place for most of them).
Checkpoint recover_network(const View& view, const std::vector<Layer>& layers);

}  // namespace tv2onnx::doctor
