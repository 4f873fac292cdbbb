#pragma once
// Goldens of tests/gen/box_operations.py, and weights from them.

#include <stdexcept>
#include <string>

#include "tv2onnx/checkpoint.h"
#include "tv2onnx/nn.h"

namespace tv2onnx::testing {

/// The tensors of tests/golden/nn/NAME.safetensors.
class Golden {
 public:
  explicit Golden(const std::string& name)
      : checkpoint_(
            open_checkpoint(TV2ONNX_SOURCE_DIR "/tests/golden/nn/" + name + ".safetensors")) {}

  const Tensor& operator[](const std::string& key) const {
    const Tensor* tensor = checkpoint_.find(key);
    if (tensor == nullptr) throw std::out_of_range("no golden tensor " + key);
    return *tensor;
  }

  /// The tensors whose names start with `prefix`, without it, as weights.
  WeightSource weights(const std::string& prefix) const {
    return {
        .find = [this, prefix](
                    std::string_view key) { return checkpoint_.find(prefix + std::string(key)); },
        .module = [](std::string_view) -> const ModuleInfo* { return nullptr; },
        .children = {},
        .keys = {}};
  }

 private:
  Checkpoint checkpoint_;
};

}  // namespace tv2onnx::testing
