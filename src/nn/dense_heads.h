#pragma once
// Heads that predict on every cell of every feature map: RetinaNetHead
// (torchvision/models/detection/retinanet.py, arXiv:1708.02002), FCOSHead (fcos.py,
// arXiv:1904.01355), SSDHead (ssd.py, arXiv:1512.02325) and SSDLiteHead (ssdlite.py).

#include <cstdint>
#include <vector>

#include "nn/fpn.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// What a head says about one feature map. Channels are anchors x classes, anchors x 4, anchors.
struct DensePrediction {
  Value logits;           ///< float32 [batch, anchors * classes, h, w]
  Value deltas;           ///< float32 [batch, anchors * 4, h, w]
  Value centerness = {};  ///< float32 [batch, anchors, h, w]; FCOS only
  std::int64_t anchors = 1;
  std::int64_t classes = 1;
};

/// `anchors` is the number per cell, the same on every map as all share the weights.
/// \throws Error W002 if the weights are for another number.
std::vector<DensePrediction> retinanet_head(Scope s, const std::vector<FeatureMap>& maps,
                                            std::int64_t anchors);
std::vector<DensePrediction> fcos_head(Scope s, const std::vector<FeatureMap>& maps,
                                       std::int64_t anchors);

/// SSD's or SSDlite's head, as the weights say; `anchors` is the number per cell of each map.
/// \throws Error W002 if the weights are for other numbers.
std::vector<DensePrediction> ssd_head(Scope s, const std::vector<FeatureMap>& maps,
                                      const std::vector<std::int64_t>& anchors, double norm_eps);

}  // namespace tv2onnx
