#pragma once
// What a pickle's calls of globals amount to, described instead of done.

#include "checkpoint/pickle_tree.h"

namespace tv2onnx {

/// The node for callable(*args): a dict for OrderedDict(), an object for most others.
NodeId describe_call(PickleTree& tree, NodeId callable, NodeId args);

}  // namespace tv2onnx
