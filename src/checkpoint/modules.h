#pragma once
// Whole-module checkpoints: torch.save(model). The module objects are walked as state_dict() does,
// and their attributes, which a state dict lacks, are kept.

#include <string_view>

#include "checkpoint/pickle_tree.h"
#include "checkpoint/plain.h"
#include "checkpoint/storage.h"
#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// Adds the tensors that model.state_dict() would have, in its order, and all modules.
void walk_module(const PickleTree& tree, NodeId root, const Container& container, Budget& budget,
                 Checkpoint& checkpoint);

/// Adds an attribute to ModuleInfo::tensors, if it is a tensor or a list of them.
void add_attribute_tensors(const PickleTree& tree, std::string_view name, NodeId value,
                           const Container& container, Budget& budget, ModuleInfo& module);

}  // namespace tv2onnx
