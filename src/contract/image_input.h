#pragma once
// What a file takes as image, and what its graph does with the pixels before its first layer.

#include <optional>

#include "rewrite/view.h"
#include "tv2onnx/contract.h"

namespace tv2onnx {

/// What tv2onnx wrote about the input of its own files; false if there is nothing.
bool read_stated_input(const FileMetadata& metadata, ImageInput& input);

/// The first input; nullopt if that is no image of three channels.
std::optional<ImageInput> find_image_input(const View& view);

}  // namespace tv2onnx
