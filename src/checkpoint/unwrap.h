#pragma once
// Finds the weights in what a checkpoint holds, and what stands beside them.

#include "checkpoint/pickle_tree.h"
#include "checkpoint/storage.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/error_code.h"

namespace tv2onnx {

/// Fills everything in `checkpoint` that comes from the pickle. \throws Error C010 (no weights),
/// U002 (nothing has the prefix of the options).
void unwrap(const PickleTree& tree, const Container& container, const OpenOptions& options,
            Checkpoint& checkpoint);

/// Finds the model among the tensors: takes the names of wrappers (DataParallel, compile) out of
/// all keys, and keeps what is below the prefix `asked`, or the one where a detector is, or the
/// one that all keys have. \throws Error U002 (nothing begins with `asked`).
void take_model(Checkpoint& checkpoint, std::string_view asked);

/// Fills the globals of `checkpoint`.
void list_globals(const PickleTree& tree, Checkpoint& checkpoint);

/// \throws Error with that code if two tensors have the same name.
void require_unique_names(const Checkpoint& checkpoint, ErrorCode code);

}  // namespace tv2onnx
