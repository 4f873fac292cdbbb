#pragma once
/// \file
/// COCO's forms of what a detector found: run lengths and polygons of masks, ids of images,
/// results.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "tv2onnx/detector.h"
#include "tv2onnx/image.h"

namespace tv2onnx {

/// COCO's compressed run lengths, as pycocotools writes them: of the image's pixels column by
/// column, beginning with those outside.
struct CocoRle {
  ImageSize size{};
  std::string counts;  ///< printable ASCII
};

/// \throws Error R006: the mask does not lie inside an image of this size.
CocoRle coco_rle(const PixelMask& mask, const ImageSize& size);

/// x, y, x, y, ... of the corners, clockwise. Corners lie between pixels: 0 is the left edge of the
/// first pixel.
using Polygon = std::vector<std::int64_t>;

/// The exact outline of every connected part (pixels that only touch at a corner are not
/// connected). Holes are lost: a polygon has none, so a ring becomes a disc.
std::vector<Polygon> mask_polygons(const PixelMask& mask);

enum class MaskFormat { kRle, kPolygon };

/// A mask, ready for COCO's `segmentation`.
struct Segmentation {
  std::variant<CocoRle, std::vector<Polygon>> form;
  std::int64_t area = 0;  ///< pixels
};

/// \throws Error R006, as coco_rle.
Segmentation segmentation_of(const PixelMask& mask, const ImageSize& size, MaskFormat format);

/// The numbers by which COCO knows images: those of an annotation file if one is named, else the
/// numbers that are the names of the files if all of them are, else 1, 2, 3, ...
/// \throws Error C001, U005, U002 (an image that the annotations do not have).
std::vector<std::int64_t> coco_image_ids(const std::vector<std::filesystem::path>& images,
                                         const std::string& annotations);

/// What was found in one image.
struct CocoImage {
  std::int64_t id = 0;
  std::span<const Detection> detections;
  std::span<const Segmentation> segmentations;  ///< one for each detection, or none
};

/// COCO's result format, as JSON: a list of {image_id, category_id, bbox [x, y, width, height],
/// score}, with segmentation or keypoints [x, y, visibility, x, ...] where there are any. The
/// category is the label.
std::string coco_results(std::span<const CocoImage> images);

}  // namespace tv2onnx
