#pragma once
// Which names of outputs somebody chose.

#include <string_view>

namespace tv2onnx {

/// A name that an exporter made up: a number, a path inside the model ("/roi_heads/Gather_21"),
/// "output_0". Any other is somebody's own, and means something to the programs that ask for it.
bool is_generated_name(std::string_view name);

/// Neither made up by an exporter, nor a result of a detector with the number of an image.
bool is_own_name(std::string_view name);

}  // namespace tv2onnx
