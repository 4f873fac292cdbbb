#pragma once
// pickle.dump(model.state_dict()): a pickle whose storages are legacy streams inside byte strings.

#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// Reads `checkpoint.bytes()`. \throws Error.
void read_bare_pickle(Checkpoint& checkpoint, const OpenOptions& options);

}  // namespace tv2onnx
