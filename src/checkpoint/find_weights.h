#pragma once
// Where in a checkpoint the weights are.

#include <string>
#include <vector>

#include "checkpoint/pickle_tree.h"

namespace tv2onnx {

/// A state dict, a list of its items, or a module object.
struct WeightsAt {
  NodeId node = kNoNode;
  std::string path;  ///< "model", "state.model_state_dict", "" for the root
  bool is_module = false;
  bool is_usual = false;  ///< at a place where training scripts keep the model
  std::string method;     ///< the module's method that was saved instead of its result
};

/// All that could be the weights, the one to take first.
std::vector<WeightsAt> find_weights(const PickleTree& tree);

/// True if the node is a list of (name, tensor).
bool is_item_list(const PickleTree& tree, NodeId id);

/// Calls visit(key, value) for the members of a state dict or of a list of its items.
template <typename Visit>
void each_weight(const PickleTree& tree, NodeId id, Visit visit) {
  if (tree.is(id, NodeKind::kDict)) return tree.each_member(id, visit);
  tree.each(id, [&](NodeId item) { visit(tree.at(item, 0), tree.at(item, 1)); });
}

/// True if the node is an object of a class derived from torch.nn.Module.
bool is_module(const PickleTree& tree, NodeId id);
/// True if the node is the state dict of a torch.optim optimizer.
bool is_optimizer(const PickleTree& tree, NodeId id);

}  // namespace tv2onnx
