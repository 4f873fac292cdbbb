#include "checkpoint/torchscript.h"

#include <fmt/format.h>

#include <algorithm>

#include "checkpoint/class_names.h"
#include "checkpoint/modules.h"
#include "checkpoint/plain.h"
#include "checkpoint/tensor_spec.h"
#include "checkpoint/unwrap.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// Modules say whether they are being trained; other objects, such as BoxCoder, do not.
bool is_script_module(const PickleTree& tree, NodeId id) {
  return tree.is(id, NodeKind::kObject) && tree.class_name(id).starts_with("__torch__.") &&
         attribute(tree, id, "training") != kNoNode;
}

class ScriptWalk {
 public:
  ScriptWalk(const PickleTree& tree, const Container& container, ScriptConstants& constants,
             Checkpoint& checkpoint)
      : tree_(tree),
        container_(container),
        constants_(constants),
        budget_(checkpoint.bytes().size()),
        checkpoint_(checkpoint) {}

  void visit(NodeId module, const std::string& path, int depth) {
    if (depth > kMaxDepth) {
      throw Error(
          {.code = "P002", .found = fmt::format("modules are nested deeper than {}", kMaxDepth)});
    }
    const std::string_view name = tree_.class_name(module);
    budget_.spend(sizeof(ModuleInfo) + path.size() + name.size());
    const std::size_t index = checkpoint_.modules.size();
    checkpoint_.modules.push_back(
        {.path = path, .class_name = plain_class_name(name), .attributes = constants_.of(name)});
    each_attribute(tree_, module, [&](std::string_view leaf, NodeId value) {
      budget_.spend(sizeof(SettingMember) + path.size() + leaf.size());
      const std::string key = path.empty() ? std::string(leaf) : fmt::format("{}.{}", path, leaf);
      if (is_script_module(tree_, value)) {
        visit(value, key, depth + 1);
      } else if (is_tensor(tree_, value)) {
        checkpoint_.tensors.push_back({key, read_tensor(tree_, value, container_, key)});
      } else if (is_plain_attribute(leaf)) {
        add_attribute_tensors(tree_, leaf, value, container_, budget_, checkpoint_.modules[index]);
        const Setting setting = to_setting(tree_, value, budget_);
        if (leaf != "training" && !setting.is_none()) stated_ = true;
        checkpoint_.modules[index].attributes.emplace_back(leaf, setting);
      }
    });
  }

  /// Whether any module has more than weights.
  bool stated() const { return stated_ || constants_.any(); }

 private:
  const PickleTree& tree_;
  const Container& container_;
  ScriptConstants& constants_;
  Budget budget_;
  Checkpoint& checkpoint_;
  bool stated_ = false;
};

}  // namespace

void unwrap_script(const PickleTree& tree, const Container& container, ScriptConstants& constants,
                   const OpenOptions& options, Checkpoint& checkpoint) {
  list_globals(tree, checkpoint);
  ScriptWalk walk(tree, container, constants, checkpoint);
  if (is_script_module(tree, tree.root)) walk.visit(tree.root, "", 0);
  if (checkpoint.tensors.empty()) {
    throw Error({.code = "C005",
                 .found = "this is a TorchScript archive (torch.jit.save) whose weights are in its "
                          "program, as torch.jit.freeze puts them there",
                 .expected = "an archive of a module that was not frozen, or a checkpoint",
                 .hint = "save the model itself: torch.save(model.state_dict(), 'weights.pth')"});
  }
  require_unique_names(checkpoint, "P001");
  checkpoint.state_dict_path = walk.stated() ? "scripted module" : "traced module";
  if (!walk.stated()) {
    checkpoint.modules.clear();
  } else if (!constants.any()) {
    checkpoint.notes.emplace_back(
        "the archive declares no constants of its classes: strides and eps are assumed to be "
        "torchvision's");
  }
  take_model(checkpoint, options.prefix);
  checkpoint.class_lists = find_class_names(checkpoint);
}

}  // namespace tv2onnx
