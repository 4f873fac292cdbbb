#pragma once
// The image size that an export without dynamic axes has written into the graph as constants.

#include <optional>
#include <string>
#include <vector>

#include "doctor/rule.h"

namespace tv2onnx::doctor {

/// A place where a constant stands for a side of the image.
struct BakedSide {
  OnnxNode* node = nullptr;
  std::size_t input = 0;
  enum class Kind { kHeight, kWidth, kBoth, kHeightRatio, kWidthRatio } kind = Kind::kHeight;
  double resized = 0;  ///< of the ratios: the side after resizing
};

struct BakedSize {
  ImageSize size{};
  std::string input;         ///< the graph's input
  bool is_declared = false;  ///< the input's dimensions are these numbers
  bool is_mendable = false;  ///< `sides` are all that depends on the size
  std::vector<BakedSide> sides;
};

/// Nullopt if sizes are computed from the image.
std::optional<BakedSize> find_baked_size(const RuleContext& context);

}  // namespace tv2onnx::doctor
