#pragma once
// The end of torchvision's detectors (resize_boxes): boxes taken apart, multiplied by
// original / resized size, and put together again.

#include <array>
#include <string>
#include <vector>

#include "rewrite/view.h"

namespace tv2onnx::doctor {

struct BoxScaling {
  OnnxNode* boxes = nullptr;                 ///< the Concat that makes [n, 4]
  std::array<OnnxNode*, 4> products{};       ///< of x1, y1, x2, y2
  std::array<std::size_t, 4> ratio_input{};  ///< which input of the product is the ratio

  const std::string& ratio(std::size_t k) const { return products[k]->input(ratio_input[k]); }
};

/// One per image, in the order of the file.
std::vector<BoxScaling> find_box_scalings(const View& view);

}  // namespace tv2onnx::doctor
