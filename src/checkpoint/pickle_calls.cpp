#include "checkpoint/pickle_calls.h"

#include <algorithm>
#include <array>
#include <span>

namespace tv2onnx {
namespace {

constexpr auto kDicts = std::to_array<std::string_view>(
    {"collections.OrderedDict", "collections.defaultdict", "builtins.dict", "__builtin__.dict"});
constexpr auto kSets = std::to_array<std::string_view>(
    {"builtins.set", "builtins.frozenset", "__builtin__.set", "__builtin__.frozenset"});
constexpr auto kObjectMakers =
    std::to_array<std::string_view>({"copyreg._reconstructor", "copy_reg._reconstructor",
                                     "copyreg.__newobj__", "copy_reg.__newobj__"});

/// What create_feature_extractor() makes is pickled as its attributes and the text of its imports.
constexpr std::string_view kGraphModule = "torch.fx.graph_module.reduce_graph_module";

bool one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// A node of another kind with the children of `source`, which may be kNoNode.
NodeId copied(PickleTree& tree, NodeKind kind, NodeId source) {
  const NodeId id = tree.add(kind);
  if (source != kNoNode) tree.each(source, [&](NodeId child) { tree.append(id, child); });
  return id;
}

bool is_sequence(const PickleTree& tree, NodeId id) {
  return tree.is(id, NodeKind::kList) || tree.is(id, NodeKind::kTuple);
}

/// OrderedDict([(key, value), ...]), as Python 2 writes it; other arguments are no members.
NodeId dict_of(PickleTree& tree, NodeId pairs) {
  const NodeId dict = tree.add(NodeKind::kDict);
  if (!is_sequence(tree, pairs)) return dict;
  tree.each(pairs, [&](NodeId pair) {
    if (!is_sequence(tree, pair) || tree[pair].count != 2) return;
    tree.each(pair, [&](NodeId child) { tree.append(dict, child); });
  });
  return dict;
}

}  // namespace

NodeId describe_call(PickleTree& tree, NodeId callable, NodeId args) {
  const std::string_view name = tree.class_name(callable);
  const NodeId first = tree.at(args, 0);
  if (tree.is(callable, NodeKind::kGlobal)) {
    ++tree.global(callable).called;
    if (one_of(kDicts, name)) return dict_of(tree, first);
    if (one_of(kSets, name)) {
      return copied(tree, NodeKind::kSet, is_sequence(tree, first) ? first : kNoNode);
    }
    if (name == "torch.Size" && is_sequence(tree, first)) {
      return copied(tree, NodeKind::kTuple, first);
    }
    // What torch.jit.save puts around lists and dicts to keep their types.
    if (name == "torch.jit._pickle.restore_type_tag" && first != kNoNode) return first;
    if (name.starts_with("torch.jit._pickle.build_") && is_sequence(tree, first)) return first;
    if (one_of(kObjectMakers, name) && tree.is(first, NodeKind::kGlobal)) {
      callable = first;
      ++tree.global(callable).called;
      args = kNoNode;
    }
  }
  const NodeId object = tree.add(NodeKind::kObject);
  tree[object].callable = callable;
  tree[object].args = args;
  if (name == kGraphModule && tree.is(first, NodeKind::kDict)) tree[object].state = first;
  return object;
}

}  // namespace tv2onnx
