#include "checkpoint/identities.h"
#include "checkpoint/module_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace tv2onnx {
namespace {

constexpr std::string_view kSequential = "torch.nn.modules.container.Sequential";
constexpr auto kIdentities = std::to_array<std::string_view>(
    {"torch.nn.modules.linear.Identity", "torch.nn.modules.dropout.Dropout",
     "torch.nn.modules.dropout.Dropout1d", "torch.nn.modules.dropout.Dropout2d",
     "torch.nn.modules.dropout.Dropout3d", "torch.nn.modules.dropout.AlphaDropout",
     "torch.nn.modules.dropout.FeatureAlphaDropout",
     "torchvision.ops.stochastic_depth.StochasticDepth", "torchvision.ops.drop_block.DropBlock2d"});
/// Blocks that torchvision numbers even where there is only one.
constexpr auto kNumbered = std::to_array<std::string_view>(
    {"BasicBlock", "Bottleneck", "InvertedResidual", "NormActivation", "ConvBNReLU", "ConvBNAct"});

bool is_identity(const ModuleInfo& module) {
  return does_nothing(module.class_name) && module.hooks.empty() &&
         module.find("forward") == nullptr;
}

bool is_numbered(const ModuleInfo& module) {
  return std::ranges::any_of(
      kNumbered, [&](std::string_view end) { return module.class_name.ends_with(end); });
}

/// What becomes of the modules. One pass over them, parents first, however many there are.
class Plan {
 public:
  explicit Plan(const Checkpoint& checkpoint) {
    for (const ModuleInfo& module : checkpoint.modules) {
      if (!module.path.empty()) children_[parent_of(module.path)].push_back(&module);
    }
    for (const ModuleInfo& module : checkpoint.modules) place_children(module);
  }

  bool leaves_all() const { return gone_.empty(); }
  bool is_left_out(const std::string& path) const { return gone_.contains(path); }
  /// Also of the nn.Sequentials whose place a child has taken.
  bool is_dropped(const std::string& path) const {
    return gone_.contains(path) || dropped_.contains(path);
  }
  std::string new_path(std::string_view path) const {
    const auto found = paths_.find(path);
    return found != paths_.end() ? found->second : std::string(path);
  }

 private:
  using Children = std::vector<const ModuleInfo*>;

  void place_children(const ModuleInfo& module) {
    const auto found = children_.find(module.path);
    if (found == children_.end()) return;
    Children left = found->second;
    if (is_plain_sequential(module))
      std::erase_if(left, [](const ModuleInfo* each) { return is_identity(*each); });
    const std::string base = new_path(module.path);
    const bool fewer = left.size() < found->second.size() && !left.empty();
    if (!fewer) {
      for (const ModuleInfo* child : found->second)
        move_to(*child, joined(base, leaf_of(child->path)));
      return;
    }
    const bool alone = left.size() == 1 && !is_numbered(*left.front());
    const bool counted = are_numbers(found->second);
    for (const ModuleInfo* child : found->second) {
      if (is_identity(*child)) gone_.insert(child->path);
    }
    if (alone) dropped_.insert(module.path);
    for (std::size_t k = 0; k < left.size(); ++k) {
      const std::string leaf = counted ? std::to_string(k) : std::string(leaf_of(left[k]->path));
      move_to(*left[k], alone ? base : joined(base, leaf));
    }
  }

  void move_to(const ModuleInfo& module, std::string path) {
    if (path != module.path) paths_.emplace(module.path, std::move(path));
  }

  static bool is_plain_sequential(const ModuleInfo& module) {
    return module.class_name == kSequential && module.hooks.empty() &&
           module.find("forward") == nullptr;
  }

  /// Named 0, 1, 2, ...
  static bool are_numbers(const Children& children) {
    std::size_t k = 0;
    return std::ranges::all_of(children, [&](const ModuleInfo* child) {
      return leaf_of(child->path) == std::to_string(k++);
    });
  }

  std::unordered_map<std::string_view, Children> children_;
  std::unordered_map<std::string_view, std::string> paths_;  ///< old to new, of those that move
  std::unordered_set<std::string_view> gone_;
  std::unordered_set<std::string_view> dropped_;
};

}  // namespace

bool does_nothing(std::string_view class_name) {
  return std::ranges::find(kIdentities, class_name) != kIdentities.end();
}

void leave_out_identities(Checkpoint& checkpoint) {
  const Plan plan(checkpoint);
  if (plan.leaves_all()) return;
  std::vector<ModuleInfo> modules;
  for (const ModuleInfo& module : checkpoint.modules) {
    if (plan.is_left_out(module.path)) {
      checkpoint.left_out.push_back(fmt::format("{} ({})", module.path, module.class_name));
    }
    if (plan.is_dropped(module.path)) continue;
    modules.push_back(module);
    modules.back().path = plan.new_path(module.path);
  }
  for (NamedTensor& tensor : checkpoint.tensors) {
    tensor.name = joined(plan.new_path(parent_of(tensor.name)), leaf_of(tensor.name));
  }
  checkpoint.modules = std::move(modules);
}

}  // namespace tv2onnx
