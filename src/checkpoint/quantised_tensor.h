#pragma once
// Weights of a state dict, quantised ones among them (torch._utils._rebuild_qtensor).

#include <string>
#include <vector>

#include "checkpoint/storage.h"
#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// A weight, into `tensors`. A quantised one is the integers that are stored, with its `scale` and
/// `zero_point` behind it under names of their own. \throws Error as read_tensor().
void read_weight(const PickleTree& tree, NodeId id, const Container& container,
                 const std::string& key, std::vector<NamedTensor>& tensors);

}  // namespace tv2onnx
