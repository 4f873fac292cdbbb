#include "coco/segmentation.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "image/pixels.h"

namespace tv2onnx {

std::int64_t mask_area(const PixelMask& mask) {
  check_mask(mask);
  const auto inside = mask.inside.as<std::uint8_t>();
  return std::ranges::count_if(inside, [](std::uint8_t pixel) { return pixel != 0; });
}

Segmentation segmentation_of(const PixelMask& mask, const ImageSize& size, MaskFormat format) {
  Segmentation segmentation{{}, mask_area(mask)};
  if (format == MaskFormat::kPolygon) {
    segmentation.form = mask_polygons(mask);
  } else {
    segmentation.form = coco_rle(mask, size);
  }
  return segmentation;
}

nlohmann::ordered_json segmentation_json(const Segmentation& segmentation) {
  if (const auto* polygons = std::get_if<std::vector<Polygon>>(&segmentation.form)) {
    return *polygons;
  }
  const auto& rle = std::get<CocoRle>(segmentation.form);
  return {{"size", rle.size}, {"counts", rle.counts}};
}

}  // namespace tv2onnx
