#pragma once
// Archives of torch.jit.save. Their pickle has the modules as objects whose attributes are
// parameters, buffers, plain values and the modules inside; their programs are never run. A
// scripted module states its settings, as a whole module does; a traced one has weights only.

#include "checkpoint/pickle_tree.h"
#include "checkpoint/script_constants.h"
#include "checkpoint/storage.h"
#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// What unwrap() does, for such an archive. \throws Error C005 (no weights outside the programs).
void unwrap_script(const PickleTree& tree, const Container& container, ScriptConstants& constants,
                   const OpenOptions& options, Checkpoint& checkpoint);

}  // namespace tv2onnx
