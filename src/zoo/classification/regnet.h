#pragma once
// torchvision/models/regnet.py: RegNetX, RegNetY (arXiv:2003.13678).

#include <optional>
#include <vector>

#include "tv2onnx/zoo.h"
#include "zoo/body.h"

namespace tv2onnx {

/// regnet_x_400mf, ..., regnet_y_128gf
std::vector<Model> regnets();

/// The RegNet, without its head and perhaps without its last blocks, that this is.
std::optional<Body> regnet_body(Scope s);

}  // namespace tv2onnx
