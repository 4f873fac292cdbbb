#include "tv2onnx/nn.h"

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

}  // namespace

WeightSource weights_of(const Checkpoint& checkpoint) {
  WeightSource source;
  for (const NamedTensor& named : checkpoint.tensors) source.keys.push_back(named.name);
  source.find = [&checkpoint](std::string_view key) { return checkpoint.find(key); };
  source.module = [&checkpoint](std::string_view path) { return checkpoint.module(path); };
  source.children = [&checkpoint](std::string_view path) { return children_of(checkpoint, path); };
  return source;
}

}  // namespace tv2onnx
