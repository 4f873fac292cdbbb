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
constexpr auto kUsual = std::to_array<std::string_view>(
    {"model_state_dict", "state_dict", "model", "model_state", "net", "network", "module",
     "weights", "params", "generator", "model_ema", "ema", "ema_state_dict", "params_ema"});

constexpr int kSearchDepth = 4;
constexpr std::size_t kMaxKey = 200;
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
    visit(tree_.root, "", 0);
    return std::move(found_);
  }

 private:
  void visit(NodeId id, const std::string& path, int depth) {
    if (depth > kSearchDepth || found_.size() >= kMaxFound) return;
    if (!is_container(id) || !visited_.insert(id).second)
      return;  // shared nodes: the search stays linear
    if (is_module(tree_, id)) {
      found_.push_back({id, path, true});
    } else if (tree_.is(id, NodeKind::kDict)) {
      visit_dict(id, path, depth);
    } else if (tree_.is(id, NodeKind::kObject) && tree_.is(tree_[id].state, NodeKind::kDict)) {
      visit(tree_[id].state, path, depth + 1);  // a trainer that holds the model
    } else if (tree_.is(id, NodeKind::kList) || tree_.is(id, NodeKind::kTuple)) {
      visit_list(id, path, depth);
    }
  }

  bool is_container(NodeId id) const {
    const NodeKind kind = tree_[id].kind;
    return kind == NodeKind::kObject || kind == NodeKind::kDict || kind == NodeKind::kList ||
           kind == NodeKind::kTuple;
  }

  void visit_dict(NodeId id, const std::string& path, int depth) {
    if (is_optimizer(tree_, id)) return;
    const DictKind kind = kind_of(tree_, id);
    if (kind == DictKind::kWeights) {
      found_.push_back({id, path, false});
      return;
    }
    for (const std::string_view key : kUsual) {
      if (const NodeId value = tree_.member(id, key); value != kNoNode) {
        visit(value, joined(path, key), depth + 1);
      }
    }
    const std::size_t known = found_.size();
    std::size_t left = kMaxMembers;
    tree_.each_member(id, [&](NodeId key, NodeId value) {
      if (left == 0 || tree_.text_or_empty(key).size() > kMaxKey) return;
      const std::string name = key_text(tree_, key);
      if (is_bookkeeping(name)) return;
      if (std::ranges::find(kUsual, name) != kUsual.end()) return;
      --left;
      visit(value, joined(path, name), depth + 1);
    });
    // Of members with unusual names the largest is taken: metrics can be dicts of tensors, too.
    std::ranges::stable_sort(found_.begin() + static_cast<std::ptrdiff_t>(known), found_.end(),
                             std::greater{}, [this](const WeightsAt& at) { return weight_of(at); });
    // Tensors between other values count only if there is nothing better: a loss is one, too.
    if (kind == DictKind::kMixed && found_.empty()) found_.push_back({id, path, false});
  }

  void visit_list(NodeId id, const std::string& path, int depth) {
    if (tree_[id].count > kMaxMembers) return;
    std::size_t index = 0;
    tree_.each(
        id, [&](NodeId child) { visit(child, joined(path, std::to_string(index++)), depth + 1); });
  }

  std::uint32_t weight_of(const WeightsAt& at) const {
    return at.is_module ? UINT32_MAX : tree_[at.node].count;
  }

  static std::string joined(const std::string& path, std::string_view key) {
    return path.empty() ? std::string(key) : path + "." + std::string(key);
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

bool is_optimizer(const PickleTree& tree, NodeId id) {
  return tree.member(id, "param_groups") != kNoNode && tree.member(id, "state") != kNoNode;
}

std::vector<WeightsAt> find_weights(const PickleTree& tree) {
  return Search(tree).run();
}

}  // namespace tv2onnx
