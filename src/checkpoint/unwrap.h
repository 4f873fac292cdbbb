#pragma once
// Finds the weights in what a checkpoint holds, and what stands beside them.

#include "checkpoint/pickle_tree.h"
#include "checkpoint/storage.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/error_code.h"

namespace tv2onnx {

/// Fills everything in `checkpoint` that comes from the pickle. \throws Error C010 (no weights).
void unwrap(const PickleTree& tree, const Container& container, Checkpoint& checkpoint);

/// Removes the prefixes that wrappers (DataParallel, compile, Lightning) put before every key.
void strip_prefixes(Checkpoint& checkpoint);

/// \throws Error with that code if two tensors have the same name.
void require_unique_names(const Checkpoint& checkpoint, ErrorCode code);

}  // namespace tv2onnx
