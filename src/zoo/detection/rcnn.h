#pragma once
// torchvision/models/detection/generalized_rcnn.py: what Faster, Mask and Keypoint R-CNN share.

#include <vector>

#include "nn/image_transform.h"
#include "nn/roi_heads.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// The settings of a builder with ResNet-FPN backbone, as Faster R-CNN has them.
std::vector<Option> resnet_fpn_options();

struct TwoStage {
  TransformedImages images;
  std::vector<FeatureMap> levels;
  DetectionTable table;  ///< boxes are still in resized pixels
};

/// Input, transform, backbone, proposals and box branch.
TwoStage two_stage(Scope s, const Config& config, const BuildOptions& options);

}  // namespace tv2onnx
