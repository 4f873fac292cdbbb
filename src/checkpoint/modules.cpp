#include "checkpoint/modules.h"

#include <fmt/format.h>

#include <array>
#include <set>

#include "checkpoint/find_weights.h"
#include "checkpoint/module_path.h"
#include "checkpoint/tensor_spec.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

std::string numbered(std::string_view name, std::size_t index) {
  return fmt::format("{}.{}", name, index);
}

/// Hooks that run in evaluation.
constexpr auto kHooks = std::to_array<std::string_view>({"_forward_hooks", "_forward_pre_hooks"});

/// What create_feature_extractor() keeps of the graphs that it made its code of: a chain of nodes.
constexpr std::string_view kGraphs = "torch.fx.";

class ModuleWalk {
 public:
  ModuleWalk(const PickleTree& tree, const Container& container, Budget& budget,
             Checkpoint& checkpoint)
      : tree_(tree), container_(container), budget_(budget), checkpoint_(checkpoint) {}

  void visit(NodeId module, const std::string& path, int depth) {
    if (depth > kMaxDepth) {
      throw Error(
          {.code = "P002", .found = fmt::format("modules are nested deeper than {}", kMaxDepth)});
    }
    budget_.look(attribute_count(module));
    describe(module, path);
    add_tensors(attribute(tree_, module, "_parameters"), path, kNoNode);
    add_tensors(attribute(tree_, module, "_buffers"), path,
                attribute(tree_, module, "_non_persistent_buffers_set"));
    const NodeId children = attribute(tree_, module, "_modules");
    if (!tree_.is(children, NodeKind::kDict)) return;
    tree_.each_member(children, [&](NodeId name, NodeId child) {
      // None is a module that was switched off, such as a missing downsample.
      budget_.look(attribute_count(child));
      if (is_module(tree_, child)) visit(child, joined(path, key_text(tree_, name)), depth + 1);
    });
  }

 private:
  std::size_t attribute_count(NodeId object) const {
    const NodeId state = tree_.is(object, NodeKind::kObject) ? tree_[object].state : kNoNode;
    return state == kNoNode ? 1 : 1 + tree_[state].count;
  }

  void describe(NodeId module, const std::string& path) {
    const std::string_view class_name = tree_.class_name(module);
    budget_.spend(sizeof(ModuleInfo) + path.size() + class_name.size());
    ModuleInfo info{.path = path, .class_name = std::string(class_name), .attributes = {}};
    for (const std::string_view hooks : kHooks) add_hooks(attribute(tree_, module, hooks), info);
    each_attribute(tree_, module, [&](std::string_view name, NodeId value) {
      if (!is_plain_attribute(name)) return;
      if (tree_.class_name(value).starts_with(kGraphs)) return;
      add_attribute_tensors(tree_, name, value, container_, budget_, info);
      budget_.spend(sizeof(SettingDict::value_type) + name.size());
      info.attributes.emplace_back(name, to_setting(tree_, value, budget_));
    });
    checkpoint_.modules.push_back(std::move(info));
  }

  void add_hooks(NodeId dict, ModuleInfo& info) const {
    if (!tree_.is(dict, NodeKind::kDict)) return;
    tree_.each_member(dict, [&](NodeId, NodeId hook) {
      const std::string_view name = tree_.class_name(hook);
      budget_.spend(sizeof(std::string) + name.size());
      info.hooks.emplace_back(name.empty() ? "<unknown>" : name);
    });
  }

  void add_tensors(NodeId dict, const std::string& path, NodeId skipped) {
    if (!tree_.is(dict, NodeKind::kDict)) return;
    budget_.look(tree_[dict].count);
    const std::set<std::string_view> skipped_names = texts(skipped);
    tree_.each_member(dict, [&](NodeId name, NodeId value) {
      if (!is_tensor(tree_, value)) return;  // None: a bias that was switched off
      const std::string leaf = key_text(tree_, name);
      if (skipped_names.contains(leaf)) return;
      budget_.spend(sizeof(NamedTensor) + path.size() + leaf.size());
      std::string key = joined(path, leaf);
      Tensor tensor = read_tensor(tree_, value, container_, key);
      checkpoint_.tensors.push_back({std::move(key), std::move(tensor)});
    });
  }

  std::set<std::string_view> texts(NodeId set) const {
    std::set<std::string_view> names;
    if (!tree_.is(set, NodeKind::kSet)) return names;
    budget_.look(tree_[set].count);
    tree_.each(set, [&](NodeId item) { names.insert(tree_.text_or_empty(item)); });
    return names;
  }

  const PickleTree& tree_;
  const Container& container_;
  Budget& budget_;
  Checkpoint& checkpoint_;
};

}  // namespace

void add_attribute_tensors(const PickleTree& tree, std::string_view name, NodeId value,
                           const Container& container, Budget& budget, ModuleInfo& module) {
  const auto add = [&](std::string key, NodeId tensor) {
    budget.spend(sizeof(NamedTensor) + key.size());
    try {
      module.tensors.push_back({key, read_tensor(tree, tensor, container, key)});
    } catch (const Error&) {
      // Not all that is remembered in an attribute can be read, nor need it be.
    }
  };
  if (tree.is(value, NodeKind::kList) || tree.is(value, NodeKind::kTuple)) {
    std::size_t index = 0;
    tree.each(value, [&](NodeId part) {
      budget.look(1);
      if (is_tensor(tree, part)) add(numbered(name, index), part);
      ++index;
    });
  } else if (value != kNoNode && is_tensor(tree, value)) {
    add(std::string(name), value);
  }
}

void walk_module(const PickleTree& tree, NodeId root, const Container& container, Budget& budget,
                 Checkpoint& checkpoint) {
  ModuleWalk(tree, container, budget, checkpoint).visit(root, "", 0);
}

}  // namespace tv2onnx
