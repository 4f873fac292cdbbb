#pragma once
// What a file does with the pixels before its first layer, and so what it wants.

#include <optional>

#include "rewrite/view.h"
#include "tv2onnx/contract.h"

namespace tv2onnx::doctor {

/// The first input; nullopt if that is no image of three channels.
std::optional<ImageInput> find_image_input(const View& view);

}  // namespace tv2onnx::doctor
