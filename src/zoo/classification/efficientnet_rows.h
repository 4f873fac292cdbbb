#pragma once
// The tables of torchvision/models/efficientnet.py.

#include <cstdint>
#include <string>
#include <vector>

namespace tv2onnx {

struct EfficientNetStage {
  bool fused;  ///< FusedMBConv: the expansion is done by the wide convolution
  std::int64_t expansion, kernel, stride, in, out;
  int blocks;
};
struct EfficientNetRow {
  std::string name;
  std::string description;
  double norm_eps;
  std::vector<EfficientNetStage> stages;
  std::int64_t last;  ///< channels before the head
};

const std::vector<EfficientNetRow>& efficientnet_rows();

/// torchvision's _make_divisible(): to a multiple of 8, and not down by more than a tenth.
std::int64_t divisible_channels(double channels);

}  // namespace tv2onnx
