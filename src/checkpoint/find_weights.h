#pragma once
// Where in a checkpoint the weights are.

#include <string>
#include <vector>

#include "checkpoint/pickle_tree.h"

namespace tv2onnx {

/// A state dict or a module object.
struct WeightsAt {
  NodeId node = kNoNode;
  std::string path;  ///< "model", "state.model_state_dict", "" for the root
  bool is_module = false;
};

/// All that could be the weights, the one to take first.
std::vector<WeightsAt> find_weights(const PickleTree& tree);

/// True if the node is an object of a class derived from torch.nn.Module.
bool is_module(const PickleTree& tree, NodeId id);
/// True if the node is the state dict of a torch.optim optimizer.
bool is_optimizer(const PickleTree& tree, NodeId id);

}  // namespace tv2onnx
