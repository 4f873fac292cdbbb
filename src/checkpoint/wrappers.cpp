#include "checkpoint/wrappers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include "base/text.h"
#include "checkpoint/module_path.h"

namespace tv2onnx {
namespace {

/// What wrappers call the module inside.
constexpr auto kInside =
    std::to_array<std::string_view>({"module", "_orig_mod", "_fsdp_wrapped_module", "_fpw_module",
                                     "_checkpoint_wrapped_module", "_forward_module", "_module"});

constexpr auto kWrapperClasses = std::to_array<std::string_view>(
    {"torch.nn.parallel.data_parallel.DataParallel",
     "torch.nn.parallel.distributed.DistributedDataParallel",
     "apex.parallel.distributed.DistributedDataParallel",
     "torch.distributed.fsdp.fully_sharded_data_parallel.FullyShardedDataParallel",
     "torch.distributed.algorithms._checkpoint.checkpoint_wrapper.CheckpointWrapper",
     "torch._dynamo.eval_frame.OptimizedModule", "torch.optim.swa_utils.AveragedModel",
     "lightning.fabric.wrappers._FabricModule", "lightning_fabric.wrappers._FabricModule"});

template <typename List>
bool one_of(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

using IsInside = std::function<bool(std::string_view path)>;

/// A dotted path without the parts that are inside a wrapper.
std::string shortened(std::string_view path, const IsInside& is_inside) {
  std::string kept;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    if (!is_inside(path.substr(0, end))) {
      if (!kept.empty()) kept += '.';
      kept += path.substr(begin, end - begin);
    }
    begin = end + 1;
  }
  return kept;
}

/// The key of a tensor; its last part is no module.
std::string shortened_key(std::string_view key, const IsInside& is_inside) {
  const std::string_view parent = parent_of(key);
  if (parent.empty()) return std::string(key);
  const std::string kept = shortened(parent, is_inside);
  return kept.empty() ? std::string(leaf_of(key)) : kept + "." + std::string(leaf_of(key));
}

/// AveragedModel counts its updates beside the module.
bool is_counter(std::string_view key) {
  return leaf_of(key) == "n_averaged";
}

/// Which modules of a whole module are inside a wrapper, and the wrappers.
struct Wrapped {
  std::set<std::string, std::less<>> inside;
  std::set<std::string, std::less<>> wrappers;
};

Wrapped wrapped_modules(const Checkpoint& checkpoint) {
  std::set<std::string_view> of_class;
  for (const ModuleInfo& module : checkpoint.modules) {
    if (one_of(kWrapperClasses, module.class_name)) of_class.insert(module.path);
  }
  Wrapped wrapped;
  for (const ModuleInfo& module : checkpoint.modules) {
    const std::string_view parent = parent_of(module.path);
    if (module.path.empty() || !of_class.contains(parent)) continue;
    if (!one_of(kInside, leaf_of(module.path))) continue;
    wrapped.inside.insert(module.path);
    wrapped.wrappers.emplace(parent);
  }
  return wrapped;
}

/// What is said of a wrapper itself is left out.
void shorten_metadata(SettingDict& metadata, const IsInside& is_inside) {
  std::set<std::string, std::less<>> wrappers;
  for (const auto& [path, value] : metadata) {
    if (!path.empty() && is_inside(path)) wrappers.emplace(parent_of(path));
  }
  std::erase_if(metadata, [&](const auto& entry) { return wrappers.contains(entry.first); });
  for (auto& [path, value] : metadata) path = shortened(path, is_inside);
}

/// What stands before all of a key is told with the model's place; what stands inside is told here.
void note_inner(Checkpoint& checkpoint, const std::vector<std::string>& keys) {
  for (std::size_t k = 0; k < keys.size(); ++k) {
    const std::string& written = checkpoint.tensors[k].name;
    if (written.ends_with(keys[k])) continue;
    checkpoint.notes.push_back(
        fmt::format("names of wrappers are left out of keys, as in {}", printable(written)));
    return;
  }
}

bool unique(std::vector<std::string> keys) {
  std::ranges::sort(keys);
  return std::ranges::adjacent_find(keys) == keys.end();
}

}  // namespace

WrittenKeys remove_wrappers(Checkpoint& checkpoint) {
  const Wrapped wrapped = wrapped_modules(checkpoint);
  IsInside is_inside = [](std::string_view path) { return one_of(kInside, leaf_of(path)); };
  if (!checkpoint.modules.empty()) {
    is_inside = [&](std::string_view path) { return wrapped.inside.contains(path); };
  }
  std::vector<std::string> keys;
  for (const NamedTensor& tensor : checkpoint.tensors) {
    keys.push_back(shortened_key(tensor.name, is_inside));
  }
  WrittenKeys written;
  const bool kept = !unique(keys);  // "module.a" beside "a": two models, told by their prefixes
  if (!kept) note_inner(checkpoint, keys);
  for (std::size_t k = 0; k < keys.size(); ++k) {
    std::string& name = checkpoint.tensors[k].name;
    if (kept) keys[k] = name;
    written.emplace(keys[k], name);
    name = std::move(keys[k]);
  }
  if (kept) return written;
  const auto counts = [](const NamedTensor& tensor) { return is_counter(tensor.name); };
  if (!std::ranges::all_of(checkpoint.tensors, counts)) std::erase_if(checkpoint.tensors, counts);
  std::erase_if(checkpoint.modules,
                [&](const ModuleInfo& module) { return wrapped.wrappers.contains(module.path); });
  for (ModuleInfo& module : checkpoint.modules) module.path = shortened(module.path, is_inside);
  shorten_metadata(checkpoint.metadata, is_inside);
  return written;
}

}  // namespace tv2onnx
