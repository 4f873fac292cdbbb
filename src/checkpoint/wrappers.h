#pragma once
// Modules that only pass on what another module computes: DataParallel, torch.compile, FSDP.

#include <map>
#include <string>

#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// The key that the file has for each key without wrappers.
using WrittenKeys = std::map<std::string, std::string>;

/// Takes their names out of all keys, wherever they stand: "backbone._orig_mod.body" becomes
/// "backbone.body". Of a whole module only where the class is that of a wrapper; others have a
/// forward of their own.
WrittenKeys remove_wrappers(Checkpoint& checkpoint);

}  // namespace tv2onnx
