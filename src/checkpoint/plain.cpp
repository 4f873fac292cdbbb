#include "checkpoint/plain.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "checkpoint/find_weights.h"
#include "checkpoint/numpy.h"
#include "checkpoint/script_constants.h"
#include "checkpoint/tensor_spec.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr auto kModuleInternals = std::to_array<std::string_view>(
    {"_parameters", "_buffers", "_modules", "_backend", "_non_persistent_buffers_set",
     "_is_full_backward_hook", "_compiled_call_impl", "_forward_hooks_with_kwargs",
     "_forward_pre_hooks_with_kwargs", "_forward_hooks_always_called"});

class Converter {
 public:
  Converter(const PickleTree& tree, Budget& budget) : tree_(tree), budget_(budget) {}

  Setting convert(NodeId id, int depth) const {
    if (depth > kMaxDepth) {
      throw Error(
          {.code = "P002", .found = fmt::format("values are nested deeper than {}", kMaxDepth)});
    }
    budget_.spend(sizeof(Setting));
    if (id == kNoNode) return {};
    const PickleNode& node = tree_[id];
    switch (node.kind) {
      case NodeKind::kNone: return {};
      case NodeKind::kBool: return {node.integer != 0};
      case NodeKind::kInt: return {node.integer};
      case NodeKind::kFloat: return {node.real};
      case NodeKind::kText: return text(tree_.text(id));
      case NodeKind::kBytes: return text(fmt::format("<{} bytes>", node.count));
      case NodeKind::kBigInt: return text("<an integer beyond 64 bits>");
      case NodeKind::kGlobal: return text(tree_.class_name(id));
      case NodeKind::kPersistent: return text("<a storage>");
      case NodeKind::kTuple:
      case NodeKind::kList:
      case NodeKind::kSet: return list(id, depth);
      case NodeKind::kDict: {
        SettingDict members;
        add_members(members, id, depth);
        return {std::move(members)};
      }
      case NodeKind::kObject: return object(id, depth);
    }
    return {};
  }

 private:
  Setting text(std::string_view value) const {
    budget_.spend(value.size());
    return {std::string(value)};
  }

  Setting list(NodeId id, int depth) const {
    SettingList items;
    tree_.each(id, [&](NodeId child) { items.push_back(convert(child, depth + 1)); });
    return {std::move(items)};
  }

  void add(SettingDict& members, std::string_view key, Setting value) const {
    budget_.spend(sizeof(SettingDict::value_type) + key.size());
    members.emplace_back(key, std::move(value));
  }

  void add_members(SettingDict& members, NodeId id, int depth) const {
    tree_.each_member(id, [&](NodeId key, NodeId value) {
      add(members, key_text(tree_, key), convert(value, depth + 1));
    });
  }

  Setting object(NodeId id, int depth) const {
    if (auto number = numpy_scalar(tree_, id)) return *std::move(number);
    SettingDict members;
    if (is_tensor(tree_, id)) {
      add(members, "__class__", text("torch.Tensor"));
      add(members, "shape", convert(tensor_spec(tree_, id).shape, depth + 1));
      return {std::move(members)};
    }
    const std::string_view name = tree_.class_name(id);
    const NodeId args = tree_[id].args;
    if (name.ends_with(".getattr") && args != kNoNode) {
      return text(fmt::format("<method {}>", tree_.text_or_empty(tree_.at(args, 1))));
    }
    add(members, "__class__", text(name.empty() ? "<unknown>" : plain_class_name(name)));
    // A module that another one remembers, perhaps its own parent.
    if (is_module(tree_, id)) return {std::move(members)};
    if (args != kNoNode && tree_[args].count > 0) {
      add(members, "__args__", convert(args, depth + 1));
    }
    each_attribute(tree_, id, [&](std::string_view attribute_name, NodeId value) {
      budget_.look(1);
      if (is_plain_attribute(attribute_name)) {
        add(members, attribute_name, convert(value, depth + 1));
      }
    });
    add_members(members, id, depth);  // of subclasses of dict
    return {std::move(members)};
  }

  const PickleTree& tree_;
  Budget& budget_;
};

}  // namespace

void Budget::spend(std::size_t bytes) {
  if (bytes > left_) {
    throw Error(
        {.code = "P002",
         .found = fmt::format("the values beside the weights take more than {}", size_text(bytes_)),
         .hint = "save model.state_dict() alone"});
  }
  left_ -= bytes;
}

Setting to_setting(const PickleTree& tree, NodeId id, Budget& budget, int depth) {
  return Converter(tree, budget).convert(id, depth);
}

std::string key_text(const PickleTree& tree, NodeId id) {
  switch (tree[id].kind) {
    case NodeKind::kText: return std::string(tree.text(id));
    case NodeKind::kInt: return std::to_string(tree[id].integer);
    case NodeKind::kFloat: return fmt::format("{}", tree[id].real);
    case NodeKind::kBool: return tree[id].integer != 0 ? "True" : "False";
    default: return "";
  }
}

bool is_plain_attribute(std::string_view name) {
  if (name.starts_with('_') && name.ends_with("_hooks")) return false;
  return std::ranges::find(kModuleInternals, name) == kModuleInternals.end();
}

NodeId attribute(const PickleTree& tree, NodeId object, std::string_view name) {
  NodeId found = kNoNode;
  each_attribute(tree, object, [&](std::string_view key, NodeId value) {
    if (key == name) found = value;
  });
  return found;
}

}  // namespace tv2onnx
