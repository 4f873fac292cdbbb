#pragma once
// The nodes of a backbone's file in a detector's model.

#include <string>
#include <vector>

#include "export/backbone_file.h"
#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// The checkpoint's tensors that a file stands for.
struct ReplacedWeights {
  std::vector<std::string> keys;
  std::size_t compared = 0;  ///< those that the file has under their names, with the same numbers
  std::string begin;         ///< what their keys have in front of the file's names
};

/// Compares them; `model` is the detector's, before the nodes are in it. \throws Error W007: other
/// numbers, or no name that is in both.
ReplacedWeights compare_backbone(const OnnxModel& model, ReadBackbone& backbone,
                                 const Checkpoint& checkpoint);

/// Puts the file's nodes in the place of kBackboneNode. Their names begin with `begin`.
void splice_backbone(OnnxModel& model, OnnxModel backbone, const std::string& begin);

}  // namespace tv2onnx
