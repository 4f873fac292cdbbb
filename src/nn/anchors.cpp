#include "nn/anchors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "graph/ops.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// Width and height of a default box as parts of the image.
struct Part {
  float width = 0;
  float height = 0;
};

/// DefaultBoxGenerator._generate_wh_pairs for one level, in double and rounded at the end.
std::vector<Part> unclipped_parts(const DefaultBoxSpec& spec, std::size_t level) {
  const double scale = spec.scales[level];
  const double between = std::sqrt(scale * spec.scales[level + 1]);
  std::vector<std::array<double, 2>> sides{{scale, scale}, {between, between}};
  for (const double ratio : spec.aspect_ratios[level]) {
    const double root = std::sqrt(ratio);
    sides.push_back({scale * root, scale / root});
    sides.push_back({scale / root, scale * root});
  }
  std::vector<Part> parts;
  for (const auto& [width, height] : sides) {
    parts.push_back({static_cast<float>(width), static_cast<float>(height)});
  }
  return parts;
}

std::vector<Part> parts_of(const DefaultBoxSpec& spec, std::size_t level) {
  std::vector<Part> parts = unclipped_parts(spec, level);
  if (!spec.clip) return parts;
  for (Part& part : parts) {
    part = {std::clamp(part.width, 0.0F, 1.0F), std::clamp(part.height, 0.0F, 1.0F)};
  }
  return parts;
}

/// Centre of cell `k` as a part of the image that has `cells` of them along the axis.
float centre(std::int64_t k, double cells) {
  return (static_cast<float>(k) + 0.5F) / static_cast<float>(cells);
}

}  // namespace

Tensor cell_anchors(const std::vector<double>& sizes, const std::vector<double>& ratios) {
  std::vector<float> values;
  for (const double ratio : ratios) {
    const float height_ratio = std::sqrt(static_cast<float>(ratio));
    const float width_ratio = 1.0F / height_ratio;
    for (const double size : sizes) {
      const float width = width_ratio * static_cast<float>(size);
      const float height = height_ratio * static_cast<float>(size);
      // nearbyint rounds halves to even, as torch.round.
      for (const float side : {-width, -height, width, height}) {
        values.push_back(std::nearbyint(side / 2));
      }
    }
  }
  const auto count = static_cast<std::int64_t>(sizes.size() * ratios.size());
  return make_tensor({count, 4}, std::move(values));
}

void check_anchors(const AnchorSpec& anchors, std::size_t levels, std::string_view item) {
  if (anchors.sizes.size() == levels && anchors.aspect_ratios.size() == levels) return;
  throw Error({.code = "W002",
               .found = fmt::format("{} tuples of anchor sizes and {} of aspect ratios for {} "
                                    "feature maps",
                                    anchors.sizes.size(), anchors.aspect_ratios.size(), levels),
               .where = {.item = std::string(item)},
               .hint = "give one tuple of sizes and one of aspect ratios for each feature map"});
}

Value anchors_at(Value index, Value base, Value feature, Value padded_size) {
  const Value grid = pick(shape_of(feature), {2, 3}, 0);
  const Value stride = padded_size / grid;
  const auto per_cell = static_cast<double>(base.dim(0).number());
  const auto [cell, anchor] = divided(index, scalar_like(index, per_cell));
  const auto [row, column] = divided(cell, pick(grid, {1}, 0));
  const auto pixels = [&](Value place, std::int64_t axis) {
    return unsqueeze(cast(place * pick(stride, {axis}, 0), DType::kFloat32), {2});
  };
  const Value x = pixels(column, 1);
  const Value y = pixels(row, 0);
  return gather(base, anchor, 0) + concat({x, y, x, y}, 2);
}

void check_default_boxes(const DefaultBoxSpec& spec, std::size_t levels) {
  const std::size_t steps = spec.steps ? spec.steps->size() : levels;
  if (spec.aspect_ratios.size() == levels && spec.scales.size() > levels && steps == levels) return;
  throw Error({.code = "W002",
               .found = fmt::format("{} lists of aspect ratios, {} scales and {} steps for {} "
                                    "feature maps",
                                    spec.aspect_ratios.size(), spec.scales.size(), steps, levels),
               .where = {.item = "anchor_generator"},
               .hint = "give one list of aspect ratios and one step (or steps = None) for each "
                       "feature map, and one scale more than that"});
}

Tensor default_box_sides(const DefaultBoxSpec& spec, std::size_t level) {
  std::vector<float> sides;
  for (const Part& part : unclipped_parts(spec, level)) {
    sides.insert(sides.end(), {part.width, part.height});
  }
  const auto count = static_cast<std::int64_t>(sides.size() / 2);
  return make_tensor({count, 2}, std::move(sides));
}

std::vector<std::int64_t> default_boxes_per_cell(const DefaultBoxSpec& spec) {
  std::vector<std::int64_t> counts;
  for (const std::vector<double>& ratios : spec.aspect_ratios) {
    counts.push_back(2 + 2 * static_cast<std::int64_t>(ratios.size()));
  }
  return counts;
}

Tensor default_boxes(const DefaultBoxSpec& spec, const std::vector<GridSize>& grids,
                     const GridSize& image) {
  check_default_boxes(spec, grids.size());
  const auto width = static_cast<float>(image.width);
  const auto height = static_cast<float>(image.height);
  std::vector<float> corners;
  for (std::size_t level = 0; level < grids.size(); ++level) {
    const GridSize& grid = grids[level];
    const auto cells = [&](std::int64_t pixels, std::int64_t counted) {
      return spec.steps ? static_cast<double>(pixels) / (*spec.steps)[level]
                        : static_cast<double>(counted);
    };
    const double across = cells(image.width, grid.width);
    const double down = cells(image.height, grid.height);
    const std::vector<Part> parts = parts_of(spec, level);
    for (std::int64_t row = 0; row < grid.height; ++row) {
      for (std::int64_t column = 0; column < grid.width; ++column) {
        const float x = centre(column, across);
        const float y = centre(row, down);
        for (const Part& part : parts) {
          corners.push_back((x - 0.5F * part.width) * width);
          corners.push_back((y - 0.5F * part.height) * height);
          corners.push_back((x + 0.5F * part.width) * width);
          corners.push_back((y + 0.5F * part.height) * height);
        }
      }
    }
  }
  const auto count = static_cast<std::int64_t>(corners.size() / 4);
  return make_tensor({count, 4}, std::move(corners));
}

}  // namespace tv2onnx
