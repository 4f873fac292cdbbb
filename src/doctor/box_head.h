#pragma once
// The place that every torchvision R-CNN has: the layer with four numbers per class, taken apart by
// BoxCoder.decode. Found by structure, because names differ between exporters and are lost by
// simplifiers.

#include <cstdint>
#include <vector>

#include "rewrite/view.h"

namespace tv2onnx::doctor {

struct BoxHead {
  OnnxNode* layer = nullptr;      ///< makes the deltas [n, 4 * classes]: Gemm, or Add after MatMul
  OnnxNode* reshape = nullptr;    ///< between the layer and the slices; null if there is none
  std::vector<OnnxNode*> slices;  ///< dx, dy, dw, dh
  std::int64_t classes = 0;       ///< with background
};

std::vector<BoxHead> find_box_heads(const View& view);

}  // namespace tv2onnx::doctor
