#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>

#include "tv2onnx/nn.h"

namespace tv2onnx {

WeightSource weights_of(const Checkpoint& checkpoint) {
  WeightSource source;
  auto by_key = std::make_shared<std::unordered_map<std::string, const Tensor*>>();
  for (const NamedTensor& named : checkpoint.tensors) {
    by_key->emplace(named.name, &named.tensor);
    source.keys.push_back(named.name);
  }
  source.find = [by_key](std::string_view key, const Shape&) -> std::optional<Tensor> {
    const auto found = by_key->find(std::string(key));
    if (found == by_key->end()) return std::nullopt;
    return *found->second;
  };
  source.attribute = [&checkpoint](std::string_view module, std::string_view name) {
    const ModuleInfo* info = checkpoint.module(module);
    return info != nullptr ? info->find(name) : nullptr;
  };
  return source;
}

}  // namespace tv2onnx
