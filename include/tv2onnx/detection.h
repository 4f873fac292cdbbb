#pragma once
/// \file
/// What a detector finds in an image.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/tensor.h"

namespace TV2ONNX_API tv2onnx {

/// Where an object is, as probabilities of its pixels. tv2onnx/masks.h makes other forms of it.
struct InstanceMask {
  /// float32 [m, m] over the box, or [height, width] of the image. It shares the bytes of all masks
  /// of its image and keeps them alive.
  Tensor probabilities;
  bool pasted = false;  ///< probabilities are of the whole image
};

/// A keypoint of a detected object.
struct Keypoint {
  float x = 0;           ///< pixels of the input image
  float y = 0;           ///< likewise
  float visibility = 0;  ///< torchvision's third column, always 1
  float score = 0;       ///< value of the heatmap, not a probability
};

/// One detected object.
struct Detection {
  std::array<float, 4> box{};  ///< x1, y1, x2, y2 in pixels of the input image
  std::int64_t label = 0;      ///< index of the class; 0 is the background and never detected,
                               ///< except by RetinaNet and FCOS, which have no background
  float score = 0;             ///< 0..1
  std::optional<InstanceMask> mask = {};  ///< models with masks
  std::vector<Keypoint> keypoints = {};   ///< models with keypoints
};
using Detections = std::vector<Detection>;  ///< of one image, in the order of the file

}  // namespace TV2ONNX_API tv2onnx
