#include "tv2onnx/nn.h"

namespace tv2onnx {

WeightSource weights_of(const Checkpoint& checkpoint) {
  WeightSource source;
  for (const NamedTensor& named : checkpoint.tensors) source.keys.push_back(named.name);
  source.find = [&checkpoint](std::string_view key) { return checkpoint.find(key); };
  source.attribute = [&checkpoint](std::string_view module, std::string_view name) {
    const ModuleInfo* info = checkpoint.module(module);
    return info != nullptr ? info->find(name) : nullptr;
  };
  return source;
}

}  // namespace tv2onnx
