#pragma once
// Settings of a model that a whole-module checkpoint carries.

#include <string>
#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx::cli {

struct FoundSetting {
  const Option* option;
  const Setting* value;  ///< in the checkpoint
  bool is_default;       ///< means the same as torchvision's default
};

/// In the order of the model's options. Both arguments must outlive the result.
std::vector<FoundSetting> found_settings(const Model& model, const Checkpoint& checkpoint);

}  // namespace tv2onnx::cli
