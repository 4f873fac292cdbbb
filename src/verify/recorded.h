#pragma once
// A recorded reference in a file that is open.

#include <string>

#include "tv2onnx/checkpoint.h"
#include "tv2onnx/reference.h"

namespace tv2onnx {

/// \throws Error V002: the case has no images, or no data for them.
void require_input(const ReferenceCase& one, const std::string& source);

/// What read_reference() gives for the file. \throws Error V001, V002, U005.
Reference recorded_reference(const Checkpoint& file);

}  // namespace tv2onnx
