#pragma once
// Region proposal network (torchvision/models/detection/rpn.py, arXiv:1506.01497), for a batch and
// without loops over images.

#include <cstdint>
#include <vector>

#include "nn/anchors.h"
#include "nn/fpn.h"
#include "nn/image_transform.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

struct RpnSpec {
  AnchorSpec anchors;
  std::int64_t pre_nms_top_n = 1000;
  std::int64_t post_nms_top_n = 1000;
  double nms_thresh = 0.7;
  double score_thresh = 0.0;
  double min_size = 1e-3;  ///< of the sides of a proposal, in resized pixels
  /// As many rows as there may be proposals, not as the image has.
  bool constant_counts = false;
};

struct Proposals {
  Value boxes;  ///< float32 [batch, proposals, 4] in resized pixels; rows without a box are zeros
  Value valid;  ///< bool [batch, proposals]
  /// int64 [1]: number of rows, the largest count of the batch and at least 1; a constant with
  /// RpnSpec::constant_counts
  Value count;
};

Proposals region_proposals(Scope s, const std::vector<FeatureMap>& levels,
                           const TransformedImages& images, const RpnSpec& spec);

}  // namespace tv2onnx
