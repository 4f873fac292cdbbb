#pragma once
// Modules that only pass on what another module computes: DataParallel, torch.compile, FSDP.

#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// Takes their names out of all keys, wherever they stand: "backbone._orig_mod.body" becomes
/// "backbone.body". Of a whole module only where the class is that of a wrapper; others have a
/// forward of their own.
void remove_wrappers(Checkpoint& checkpoint);

}  // namespace tv2onnx
