#pragma once
// Which builder of torchvision/models/detection/faster_rcnn.py a state dict belongs to.

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// Completes the guess for a checkpoint with RPN and box predictor: names the backbone, and the
/// builder whose settings are nearest where the model was assembled by hand.
void refine_faster_rcnn(const Checkpoint& checkpoint, ArchGuess& guess);

}  // namespace tv2onnx
