#pragma once
// Masks as run lengths: from each of COCO's three forms, their areas, boxes and overlaps. The
// arithmetic is that of pycocotools, whose polygons are drawn five times as large and rounded.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tv2onnx/average_precision.h"

namespace tv2onnx {

/// Of compressed run lengths. \throws Error U005 if they are none, or not of an image of this size.
RunLengths runs_of_text(std::string_view text, std::int64_t height, std::int64_t width);
/// \throws Error U005 unless the lengths cover the image.
RunLengths runs_of_counts(std::vector<std::uint32_t> counts, std::int64_t height,
                          std::int64_t width);
/// The union of polygons x, y, x, y, ...; the coordinates must be finite and of moderate size.
RunLengths runs_of_polygons(const std::vector<std::vector<double>>& polygons, std::int64_t height,
                            std::int64_t width);

double area_of(const RunLengths& mask);
/// x, y, width, height
std::array<double, 4> box_of(const RunLengths& mask);
/// Intersection over union, or over the area of `found` if the other is a crowd; of masks of images
/// of one size.
double overlap_of(const RunLengths& found, const RunLengths& truth, bool crowd);

}  // namespace tv2onnx
