#include "tv2onnx/nn.h"

#include <memory>
#include <unordered_map>

namespace tv2onnx {
namespace {

std::vector<std::string> children_of(const Checkpoint& checkpoint, std::string_view path) {
  const std::string begin = path.empty() ? "" : std::string(path) + ".";
  std::vector<std::string> names;
  for (const ModuleInfo& module : checkpoint.modules) {
    if (!module.path.starts_with(begin) || module.path.size() == begin.size()) continue;
    const std::string name = module.path.substr(begin.size());
    if (name.find('.') == std::string::npos) names.push_back(name);
  }
  return names;
}

/// Finds by name what `part` gives of the first item that is called so, or null.
template <typename Item, typename Part>
auto lookup(const std::vector<Item>& items, std::string Item::*name, Part part) {
  using Found = decltype(part(items.front()));
  auto places = std::make_shared<std::unordered_map<std::string_view, Found>>();
  for (const Item& item : items) places->emplace(item.*name, part(item));
  return [places](std::string_view key) -> Found {
    const auto found = places->find(key);
    return found != places->end() ? found->second : nullptr;
  };
}

}  // namespace

WeightSource weights_of(const Checkpoint& checkpoint) {
  WeightSource source;
  for (const NamedTensor& named : checkpoint.tensors) source.keys.push_back(named.name);
  // Layers ask for many that are not there, to see what they are made of.
  source.find = lookup(checkpoint.tensors, &NamedTensor::name,
                       [](const NamedTensor& named) { return &named.tensor; });
  source.module = lookup(checkpoint.modules, &ModuleInfo::path,
                         [](const ModuleInfo& module) { return &module; });
  source.children = [&checkpoint](std::string_view path) { return children_of(checkpoint, path); };
  return source;
}

}  // namespace tv2onnx
