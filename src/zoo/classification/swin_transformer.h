#pragma once
// Swin Transformer, V1 and V2 (torchvision/models/swin_transformer.py).

#include <optional>
#include <vector>

#include "tv2onnx/zoo.h"
#include "zoo/body.h"

namespace tv2onnx {

std::vector<Model> swins();

/// The Swin Transformer whose first layers these `features` are. Its maps have their channels in
/// front, as detectors take them.
std::optional<Body> swin_body(Scope features);

}  // namespace tv2onnx
