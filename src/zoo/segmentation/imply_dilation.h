#pragma once
// What a whole module says of the dilations of a segmentation model.

#include "zoo/families.h"

namespace tv2onnx {

/// Keeps the rows with the checkpoint's kind of backbone. Of a whole module, the dilations of its
/// convolutions become the values of the options that set them.
void imply_dilation(const Checkpoint& checkpoint, FamilyMatch& match);

}  // namespace tv2onnx
