#pragma once
// GeneralizedRCNNTransform (torchvision/models/detection/transform.py): normalise, resize, pad.

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "tv2onnx/graph.h"

namespace tv2onnx {

/// How the resized size is computed; the product is rounded down in double either way.
enum class ResizeRule {
  kDouble,   ///< scale in double
  kFloat32,  ///< scale in float32, as a reciprocal times the wanted size
};

/// What is subtracted from each channel, and what the rest is divided by.
struct Normalisation {
  std::vector<double> mean{0.485, 0.456, 0.406};
  std::vector<double> std{0.229, 0.224, 0.225};
};

/// One after the other as one; both are for the same number of channels.
Normalisation composed(const Normalisation& first, const Normalisation& second);

struct TransformSpec {
  double min_size = 800;
  double max_size = 1333;
  std::vector<double> mean{0.485, 0.456, 0.406};
  std::vector<double> std{0.229, 0.224, 0.225};
  std::int64_t size_divisible = 32;
  bool no_resize = false;  ///< images keep their size and are only padded
  std::optional<std::pair<std::int64_t, std::int64_t>> fixed_size;  ///< width, height
  ResizeRule rule = ResizeRule::kDouble;
};

/// Height and width that all images get, with padding; only with a fixed_size.
std::pair<std::int64_t, std::int64_t> padded_fixed_size(const TransformSpec& spec);

struct TransformedImages {
  Value x;              ///< float32 [batch, 3, padded height, padded width]
  Value size;           ///< int64 [2]: height and width after resizing, without the padding
  Value padded_size;    ///< int64 [2]
  Value original_size;  ///< int64 [2]
};

/// Input pixels per resized pixel, float32 [2] (height, width).
Value input_pixels(const TransformedImages& images);

/// Images that have the right size already; 0 is where an image had its mean.
Value normalised(Value images, const TransformSpec& spec);

/// images: float32 [batch, 3, height, width], RGB, 0..1
TransformedImages transform_images(Value images, const TransformSpec& spec);

}  // namespace tv2onnx
