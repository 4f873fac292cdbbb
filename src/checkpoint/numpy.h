#pragma once
// numpy scalars, which training scripts leave in checkpoints (best_acc = np.float64(...)), and
// arrays of those who save weights as such.

#include <optional>
#include <string>

#include "checkpoint/pickle_tree.h"
#include "checkpoint/storage.h"
#include "tv2onnx/setting.h"

namespace tv2onnx {

/// The number of a pickled numpy scalar, or null if the node is none.
std::optional<Setting> numpy_scalar(const PickleTree& tree, NodeId id);

/// True if the node is an array of numbers in this machine's byte order.
bool is_numpy_array(const PickleTree& tree, NodeId id);

/// The tensor that such a node stands for. \throws Error P001, C011.
Tensor numpy_tensor(const PickleTree& tree, NodeId id, const Container& container);

/// The bytes of a kBytes node, or of _codecs.encode(text, "latin1"), as protocol 2 writes bytes.
std::optional<std::string> pickled_bytes(const PickleTree& tree, NodeId id);

}  // namespace tv2onnx
