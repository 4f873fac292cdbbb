#pragma once
// Reference boxes (torchvision/models/detection/anchor_utils.py): AnchorGenerator, whose boxes are
// computed in the graph for those positions that matter, and DefaultBoxGenerator, whose boxes are
// constants because its images have one size.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tv2onnx/graph.h"

namespace tv2onnx {

struct AnchorSpec {
  std::vector<std::vector<double>> sizes;          ///< per level
  std::vector<std::vector<double>> aspect_ratios;  ///< per level, height / width
};

/// Anchors of one cell of a level, centred on 0: float32 [anchors, 4].
Tensor cell_anchors(const std::vector<double>& sizes, const std::vector<double>& ratios);

/// \throws Error W002 if there are not sizes and ratios for each level; `item` is the generator.
void check_anchors(const AnchorSpec& anchors, std::size_t levels, std::string_view item);

/// Anchors [batch, k, 4] of the flat positions `index` [batch, k] (row, column, anchor) of a
/// feature map; `base` is a constant made by cell_anchors().
Value anchors_at(Value index, Value base, Value feature, Value padded_size);

struct DefaultBoxSpec {
  std::vector<std::vector<double>> aspect_ratios;  ///< per level, may be empty
  std::vector<double> scales;                      ///< one more than levels
  std::optional<std::vector<double>> steps;        ///< per level: input pixels per cell
  bool clip = true;                                ///< sizes to the size of the image
};

struct GridSize {
  std::int64_t height = 0;
  std::int64_t width = 0;
};

/// \throws Error W002 if the spec is not for as many levels.
void check_default_boxes(const DefaultBoxSpec& spec, std::size_t levels);

/// Widths and heights of the boxes of a level as parts of the image, before clipping: float32
/// [boxes, 2].
Tensor default_box_sides(const DefaultBoxSpec& spec, std::size_t level);

/// Boxes per cell of each level.
std::vector<std::int64_t> default_boxes_per_cell(const DefaultBoxSpec& spec);

/// float32 [boxes of all levels, 4] in pixels of an image of `image` size, by level, row, column.
/// \throws Error W002 if the spec is not for as many levels as there are grids.
Tensor default_boxes(const DefaultBoxSpec& spec, const std::vector<GridSize>& grids,
                     const GridSize& image);

}  // namespace tv2onnx
