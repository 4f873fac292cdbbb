#include "checkpoint/weights_at.h"

#include "checkpoint/tensor_spec.h"

namespace tv2onnx {
namespace {

class Keys {
 public:
  Keys(const PickleTree& tree, Budget& budget) : tree_(tree), budget_(budget) {}

  void visit_module(NodeId module, const std::string& prefix, int depth) {
    if (depth > kMaxDepth) return;
    add_all(attribute(tree_, module, "_parameters"), prefix);
    const NodeId children = attribute(tree_, module, "_modules");
    if (!tree_.is(children, NodeKind::kDict)) return;
    budget_.look(tree_[children].count);
    tree_.each_member(children, [&](NodeId name, NodeId child) {
      if (!is_module(tree_, child)) return;
      visit_module(child, prefix + key_text(tree_, name) + ".", depth + 1);
    });
  }

  void add_all(NodeId weights, const std::string& prefix) {
    if (weights == kNoNode) return;
    budget_.look(tree_[weights].count);
    each_weight(tree_, weights, [&](NodeId name, NodeId value) {
      if (!is_tensor(tree_, value)) return;
      keys.push_back(prefix + key_text(tree_, name));
      budget_.look(1 + keys.back().size() / 16);
    });
  }

  std::vector<std::string> keys;

 private:
  const PickleTree& tree_;
  Budget& budget_;
};

}  // namespace

std::vector<std::string> weight_keys(const PickleTree& tree, const WeightsAt& at, Budget& budget) {
  Keys keys(tree, budget);
  if (at.is_module) {
    keys.visit_module(at.node, "", 0);
  } else {
    keys.add_all(at.node, "");
  }
  return std::move(keys.keys);
}

std::string place_text(const WeightsAt& at) {
  if (!at.is_module) return at.path;
  return at.path.empty() ? "whole module" : at.path + " (whole module)";
}

}  // namespace tv2onnx
