// Prefixes that wrappers put before every key.

#include <algorithm>
#include <array>

#include "checkpoint/unwrap.h"

namespace tv2onnx {
namespace {

constexpr auto kPrefixes = std::to_array<std::string_view>(
    {"module.", "_orig_mod.", "model.", "_forward_module.", "net."});

/// AveragedModel counts its updates beside the module.
bool is_counter(std::string_view name) {
  return name == "n_averaged";
}

std::string_view common_prefix(const Checkpoint& checkpoint) {
  for (const std::string_view prefix : kPrefixes) {
    const auto has = [&](const NamedTensor& tensor) {
      return tensor.name.starts_with(prefix) || is_counter(tensor.name);
    };
    if (std::ranges::all_of(checkpoint.tensors, has)) return prefix;
  }
  return {};
}

/// "module.backbone" without "module." is "backbone", and "module" itself is the root "".
bool strip(std::string& path, std::string_view prefix) {
  if (path + "." == prefix) {
    path.clear();
  } else if (path.starts_with(prefix)) {
    path.erase(0, prefix.size());
  } else {
    return false;
  }
  return true;
}

}  // namespace

void strip_prefixes(Checkpoint& checkpoint) {
  const bool counted = std::ranges::any_of(
      checkpoint.tensors, [](const NamedTensor& tensor) { return !is_counter(tensor.name); });
  if (!counted) return;
  constexpr int kMostWrappers = 8;
  for (int k = 0; k < kMostWrappers; ++k) {
    const std::string_view prefix = common_prefix(checkpoint);
    if (prefix.empty()) return;
    checkpoint.stripped_prefix += prefix;
    std::erase_if(checkpoint.tensors,
                  [](const NamedTensor& tensor) { return is_counter(tensor.name); });
    for (NamedTensor& tensor : checkpoint.tensors) strip(tensor.name, prefix);
    // What is not below the prefix describes the wrapper.
    std::erase_if(checkpoint.modules,
                  [&](ModuleInfo& module) { return !strip(module.path, prefix); });
    std::erase_if(checkpoint.metadata, [&](auto& member) { return !strip(member.first, prefix); });
  }
}

}  // namespace tv2onnx
