#pragma once
// What a file takes as image.

#include "tv2onnx/contract.h"

namespace tv2onnx {

/// What tv2onnx wrote about the input of its own files; false if there is nothing.
bool read_stated_input(const FileMetadata& metadata, ImageInput& input);

}  // namespace tv2onnx
