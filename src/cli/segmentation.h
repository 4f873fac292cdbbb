#pragma once
// The form in which a detection's mask is reported.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <variant>
#include <vector>

#include "tv2onnx/masks.h"

namespace tv2onnx::cli {

enum class MaskFormat { kRle, kPolygon };

/// A mask, ready for COCO's `segmentation`.
struct Segmentation {
  std::variant<CocoRle, std::vector<Polygon>> form;
  std::int64_t area = 0;  ///< pixels
};

Segmentation segmentation_of(const PixelMask& mask, const ImageSize& size, MaskFormat format);

/// {"size": [height, width], "counts": "..."} or [[x, y, x, y, ...], ...]
nlohmann::ordered_json segmentation_json(const Segmentation& segmentation);

}  // namespace tv2onnx::cli
