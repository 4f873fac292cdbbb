#pragma once
// numpy scalars, which training scripts leave in checkpoints (best_acc = np.float64(...)).

#include <optional>

#include "checkpoint/pickle_tree.h"
#include "tv2onnx/setting.h"

namespace tv2onnx {

/// The number of a pickled numpy scalar, or null if the node is none.
std::optional<Setting> numpy_scalar(const PickleTree& tree, NodeId id);

/// The bytes of a kBytes node, or of _codecs.encode(text, "latin1"), as protocol 2 writes bytes.
std::optional<std::string> pickled_bytes(const PickleTree& tree, NodeId id);

}  // namespace tv2onnx
