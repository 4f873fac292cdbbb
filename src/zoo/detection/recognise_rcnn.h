#pragma once
// Which builder of torchvision/models/detection/faster_rcnn.py a state dict belongs to.

#include "zoo/families.h"

namespace tv2onnx {

/// Completes what is known of a checkpoint with RPN and box predictor: names the backbone, and the
/// builders that make it, or whose settings are nearest where the model was assembled by hand.
void name_faster_rcnn(const Checkpoint& checkpoint, FamilyMatch& match);

}  // namespace tv2onnx
