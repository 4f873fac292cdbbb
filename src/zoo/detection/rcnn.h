#pragma once
// torchvision/models/detection/generalized_rcnn.py: what Faster, Mask and Keypoint R-CNN share.

#include <vector>

#include "nn/image_transform.h"
#include "nn/roi_heads.h"
#include "tv2onnx/zoo.h"
#include "zoo/detection/options.h"

namespace tv2onnx {

struct TwoStage {
  TransformedImages images;
  std::vector<FeatureMap> levels;
  DetectionTable table;  ///< boxes are still in resized pixels
};

/// The options of all three, in torchvision's order.
std::vector<Option> rcnn_options(const TransformSettings& transform, const RpnSpec& rpn);
/// Those of the builders with a ResNet, which are also the defaults of the classes FasterRCNN, ...
std::vector<Option> resnet_rcnn_options(const TransformSettings& transform = {});

/// Input, transform, backbone, proposals and box branch.
TwoStage two_stage(Scope s, const Config& config, const BuildOptions& options);

}  // namespace tv2onnx
