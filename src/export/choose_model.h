#pragma once
// Which row of the table a checkpoint is built as.

#include <string>

#include "tv2onnx/checkpoint.h"
#include "tv2onnx/error.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// \throws Error W001 if the file holds several models and none was chosen.
void require_one_model(const Checkpoint& checkpoint);

/// \throws Error W005 if the model is a member of a module whose code may do more than call it.
void require_no_holder(const Checkpoint& checkpoint);

/// The row that `arch` names, or for "auto" the most likely one.
/// \throws Error W001 (no row fits), W004 (the weights are those of another), U001 (no such row).
const Model& choose_model(const Checkpoint& checkpoint, const Recognition& guess,
                          const std::string& arch);

/// What a detector with a backbone that is not built here can do.
void add_way_out(const Checkpoint& checkpoint, ErrorParts& error);

}  // namespace tv2onnx
