#include "tv2onnx/nn.h"

namespace tv2onnx {

WeightSource weights_of(const Checkpoint& checkpoint) {
  WeightSource source;
  for (const NamedTensor& named : checkpoint.tensors) source.keys.push_back(named.name);
  source.find = [&checkpoint](std::string_view key) { return checkpoint.find(key); };
  source.module = [&checkpoint](std::string_view path) { return checkpoint.module(path); };
  return source;
}

}  // namespace tv2onnx
