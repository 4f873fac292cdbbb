#pragma once
// Sizes and aspect ratios that give the anchors of a cell, whose corners are rounded to whole
// pixels.

#include <array>
#include <optional>
#include <vector>

namespace tv2onnx::doctor {

using Sides = std::array<float, 2>;  ///< half the width, half the height
using Cell = std::vector<Sides>;

struct AnchorNumbers {
  std::vector<double> sizes;
  std::vector<double> ratios;
};

/// Numbers that give the same corners, those with few digits first; nothing if there are none, or
/// none is found in as many steps as an exporter's corners take.
std::optional<AnchorNumbers> solve(const Cell& cell);

}  // namespace tv2onnx::doctor
