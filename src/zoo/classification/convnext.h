#pragma once
// torchvision/models/convnext.py: ConvNeXt (arXiv:2201.03545).

#include <optional>
#include <vector>

#include "tv2onnx/zoo.h"
#include "zoo/body.h"

namespace tv2onnx {

/// convnext_tiny, ..., convnext_large
std::vector<Model> convnexts();

/// The ConvNeXt whose first layers these `features` are.
std::optional<Body> convnext_body(Scope features);

}  // namespace tv2onnx
