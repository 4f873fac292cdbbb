#pragma once
// What is known of a checkpoint once all of its bytes were read, which costs as much as copying
// them and is therefore done once.

#include <cstddef>
#include <string>
#include <unordered_map>

#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

struct WeightScan {
  static constexpr float kSmall = 0x1p62F;

  std::string fingerprint;
  /// Where the numbers of float32 tensors begin that are all nearer to 0 than kSmall, and how many
  /// bytes they have.
  std::unordered_map<const std::byte*, std::size_t> small;

  /// Whether all numbers of the tensor are known to be small.
  bool knows_small(const Tensor& tensor) const;
};

WeightScan scan_weights(const Checkpoint& checkpoint);

}  // namespace tv2onnx
