#pragma once
// Nodes of a pickle as plain values.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "checkpoint/pickle_tree.h"
#include "tv2onnx/setting.h"

namespace tv2onnx {

/// What may be spent on values copied out of a pickle. A pickle of a few hundred bytes can describe
/// a tree of any size by naming the same list twice, and again; the budget ends that.
class Budget {
 public:
  /// Without such tricks values take some 60 times the bytes that describe them at most.
  explicit Budget(std::uint64_t file_bytes)
      : bytes_(static_cast<std::size_t>(
            std::min<std::uint64_t>(kMost, kLeast + file_bytes * kPerByte))),
        left_(bytes_) {}

  /// \throws Error P002 when all is spent.
  void spend(std::size_t bytes);
  /// Looking at nodes without copying them takes time: shared ones can be looked at very often.
  void look(std::size_t nodes) { spend(nodes * 16); }

 private:
  static constexpr std::uint64_t kMost = 16 << 20;
  static constexpr std::uint64_t kLeast = 256 << 10;
  static constexpr std::uint64_t kPerByte = 256;

  std::size_t bytes_;
  std::size_t left_;
};

/// Nesting beyond this is no checkpoint (whole modules of torchvision reach about 12).
inline constexpr int kMaxDepth = 64;

/// The value of a node. Numbers, strings, lists and dicts are taken as they are; numpy scalars
/// become numbers; other objects become dicts with a "__class__" member and their attributes,
/// tensors among them only their shape. \throws Error P002 (depth, budget).
Setting to_setting(const PickleTree& tree, NodeId id, Budget& budget, int depth = 0);

/// A key of a dict as text: "weight", "0". Empty if it is neither text nor a plain number.
std::string key_text(const PickleTree& tree, NodeId id);

/// False for what torch.nn.Module keeps for itself: `_parameters`, hooks and the like.
bool is_plain_attribute(std::string_view name);

/// Calls visit(name, value) for the attributes of an object.
template <typename Visit>
void each_attribute(const PickleTree& tree, NodeId object, Visit visit) {
  NodeId state = tree[object].state;
  // (dict, slots): the state of a class with __slots__.
  if (tree.is(state, NodeKind::kTuple) && tree.is(tree.at(state, 0), NodeKind::kDict)) {
    state = tree.at(state, 0);
  }
  if (!tree.is(state, NodeKind::kDict)) return;
  tree.each_member(state, [&](NodeId key, NodeId value) {
    if (tree.is(key, NodeKind::kText)) visit(tree.text(key), value);
  });
}

/// An attribute of an object, or kNoNode.
NodeId attribute(const PickleTree& tree, NodeId object, std::string_view name);

}  // namespace tv2onnx
