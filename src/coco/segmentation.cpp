#include "coco/segmentation.h"

#include <nlohmann/json.hpp>

#include "tv2onnx/masks.h"

namespace tv2onnx {

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
