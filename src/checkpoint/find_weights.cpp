#include "checkpoint/find_weights.h"

#include <algorithm>
#include <array>
#include <functional>
#include <unordered_set>

#include "checkpoint/plain.h"
#include "checkpoint/tensor_spec.h"

namespace tv2onnx {
namespace {

/// Members that hold the weights, by the habits of training scripts; earlier ones are preferred.
/// The average of weights (ema) comes last: it is taken if there is nothing else.
constexpr auto kUsualKeys = std::to_array<std::string_view>(
    {"model_state_dict", "state_dict", "model", "model_state", "net", "network", "module",
     "weights", "params", "generator", "model_ema", "ema", "ema_state_dict", "params_ema"});

constexpr int kWeightsDepth = 4;
constexpr std::size_t kMaxWrapperKey = 200;
constexpr std::size_t kMaxFound = 16;

/// Optimizer state has tensors too, but they are no weights.
bool is_bookkeeping(std::string_view key) {
  return key.find("optim") != std::string_view::npos ||
         key.find("sched") != std::string_view::npos || key == "scaler" || key == "amp" ||
         key == "_metadata" || key == "rng_state";
}

enum class DictKind { kWeights, kMixed, kOther };

DictKind kind_of(const PickleTree& tree, NodeId id) {
  std::size_t tensors = 0;
  std::size_t others = 0;
  bool names = true;
  tree.each_member(id, [&](NodeId key, NodeId value) {
    names = names && tree.is(key, NodeKind::kText);
    ++(is_tensor(tree, value) ? tensors : others);
  });
  if (!names || tensors == 0) return DictKind::kOther;
  return others == 0 ? DictKind::kWeights : DictKind::kMixed;
}

class Search {
 public:
  explicit Search(const PickleTree& tree) : tree_(tree) {}

  std::vector<WeightsAt> run() {
    visit(tree_.root, {.path = "", .depth = 0, .usual = true});
    return std::move(found_);
  }

 private:
  struct Place {
    std::string path;
    int depth;
    bool usual;

    Place member(std::string_view key, bool is_usual) const {
      return {path.empty() ? std::string(key) : path + "." + std::string(key), depth + 1,
              usual && is_usual};
    }
  };

  void visit(NodeId id, const Place& at) {
    if (at.depth > kWeightsDepth || found_.size() >= kMaxFound) return;
    if (!is_container(id) || !visited_.insert(id).second)
      return;  // shared nodes: the search stays linear
    if (is_module(tree_, id)) {
      add(id, at, true);
    } else if (tree_.is(id, NodeKind::kDict)) {
      visit_dict(id, at);
    } else if (const NodeId module = method_owner(id); module != kNoNode) {
      add(module, at, true);
      found_.back().method = tree_.text(tree_.at(tree_[id].args, 1));
    } else if (tree_.is(id, NodeKind::kObject) && tree_.is(tree_[id].state, NodeKind::kDict)) {
      visit(tree_[id].state, {at.path, at.depth + 1, at.usual});  // a trainer that holds the model
    } else if (is_item_list(tree_, id)) {
      add(id, at, false);
    } else if (tree_.is(id, NodeKind::kList) || tree_.is(id, NodeKind::kTuple)) {
      visit_list(id, at);
    }
  }

  void add(NodeId id, const Place& at, bool is_module) {
    found_.push_back(
        {.node = id, .path = at.path, .is_module = is_module, .is_usual = at.usual, .method = {}});
  }

  /// The module of getattr(module, "state_dict"), as pickle writes a method, or kNoNode.
  NodeId method_owner(NodeId id) const {
    const std::string_view maker = tree_.class_name(id);
    if (maker != "builtins.getattr" && maker != "__builtin__.getattr") return kNoNode;
    const NodeId owner = tree_.at(tree_[id].args, 0);
    const bool named = tree_.is(tree_.at(tree_[id].args, 1), NodeKind::kText);
    return named && is_module(tree_, owner) ? owner : kNoNode;
  }

  bool is_container(NodeId id) const {
    const NodeKind kind = tree_[id].kind;
    return kind == NodeKind::kObject || kind == NodeKind::kDict || kind == NodeKind::kList ||
           kind == NodeKind::kTuple;
  }

  void visit_dict(NodeId id, const Place& at) {
    if (is_optimizer(tree_, id)) return;
    const DictKind kind = kind_of(tree_, id);
    if (kind == DictKind::kWeights) return add(id, at, false);
    for (const std::string_view key : kUsualKeys) {
      if (const NodeId value = tree_.member(id, key); value != kNoNode) {
        visit(value, at.member(key, true));
      }
    }
    const std::size_t known = found_.size();
    std::size_t left = kMaxMembers;
    tree_.each_member(id, [&](NodeId key, NodeId value) {
      if (left == 0 || tree_.text_or_empty(key).size() > kMaxWrapperKey) return;
      const std::string name = key_text(tree_, key);
      if (is_bookkeeping(name)) return;
      if (std::ranges::find(kUsualKeys, name) != kUsualKeys.end()) return;
      --left;
      visit(value, at.member(name, false));
    });
    // Of members with unusual names the largest is taken: metrics can be dicts of tensors, too.
    std::ranges::stable_sort(found_.begin() + static_cast<std::ptrdiff_t>(known), found_.end(),
                             std::greater{},
                             [this](const WeightsAt& member) { return weight_of(member); });
    // Tensors between other values count only if there is nothing better: a loss is one, too.
    if (kind == DictKind::kMixed && found_.empty()) add(id, at, false);
  }

  void visit_list(NodeId id, const Place& at) {
    if (tree_[id].count > kMaxMembers) return;
    std::size_t index = 0;
    tree_.each(id, [&](NodeId child) { visit(child, at.member(std::to_string(index++), false)); });
  }

  std::uint32_t weight_of(const WeightsAt& at) const {
    return at.is_module ? UINT32_MAX : tree_[at.node].count;
  }

  static constexpr std::size_t kMaxMembers = 50;  // with the depth, what keeps the search short

  const PickleTree& tree_;
  std::vector<WeightsAt> found_;
  std::unordered_set<NodeId> visited_;
};

}  // namespace

bool is_module(const PickleTree& tree, NodeId id) {
  return tree.is(id, NodeKind::kObject) &&
         tree.is(attribute(tree, id, "_modules"), NodeKind::kDict) &&
         tree.is(attribute(tree, id, "_parameters"), NodeKind::kDict);
}

bool is_item_list(const PickleTree& tree, NodeId id) {
  if (!tree.is(id, NodeKind::kList) && !tree.is(id, NodeKind::kTuple)) return false;
  bool items = tree[id].count > 0;
  tree.each(id, [&](NodeId item) {
    items = items && tree.is(item, NodeKind::kTuple) && tree[item].count == 2 &&
            tree.is(tree.at(item, 0), NodeKind::kText) && is_tensor(tree, tree.at(item, 1));
  });
  return items;
}

bool is_optimizer(const PickleTree& tree, NodeId id) {
  return tree.member(id, "param_groups") != kNoNode && tree.member(id, "state") != kNoNode;
}

std::vector<WeightsAt> find_weights(const PickleTree& tree) {
  return Search(tree).run();
}

}  // namespace tv2onnx
