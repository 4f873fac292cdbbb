#pragma once
// torchvision/models/efficientnet.py: EfficientNet (arXiv:1905.11946), V2 (arXiv:2104.00298).

#include <optional>
#include <vector>

#include "tv2onnx/zoo.h"
#include "zoo/body.h"

namespace tv2onnx {

/// efficientnet_b0, ..., efficientnet_b7, efficientnet_v2_s, efficientnet_v2_m, efficientnet_v2_l
std::vector<Model> efficientnets();

/// The EfficientNet whose first layers these `features` are.
std::optional<Body> efficientnet_body(Scope features);

}  // namespace tv2onnx
