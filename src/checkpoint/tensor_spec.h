#pragma once
// How a pickle describes a tensor: the arguments of torch's rebuild functions.

#include <string_view>

#include "checkpoint/pickle_tree.h"

namespace tv2onnx {

struct TensorSpec {
  NodeId storage = kNoNode;
  NodeId offset = kNoNode;  ///< in elements
  NodeId shape = kNoNode;
  NodeId strides = kNoNode;  ///< in elements
  NodeId dtype = kNoNode;    ///< kNoNode: that of the storage
  NodeId metadata = kNoNode;
  NodeId quantiser = kNoNode;  ///< of a quantised tensor: (scheme, scale, zero point, ...)
  NodeId array = kNoNode;      ///< the numpy array that stands for it; there is then but a shape
  std::string_view unsupported = {};  ///< "a sparse tensor"; the rest is then empty
};

/// True if the node is a tensor of any kind, also one that cannot be read. Parameters count.
bool is_tensor(const PickleTree& tree, NodeId id);
/// The parts of a tensor's node. \throws Error P001 if they are not what torch writes.
TensorSpec tensor_spec(const PickleTree& tree, NodeId id);

}  // namespace tv2onnx
