#pragma once
// Which results of a category belong to which of its objects in an image.

#include <bitset>
#include <cstddef>
#include <vector>

#include "tv2onnx/average_precision.h"

namespace tv2onnx {

inline constexpr std::size_t kOverlaps = 10;  // 0.50, 0.55, ... 0.95
using Flags = std::bitset<kOverlaps>;         ///< one for each overlap
using Objects = std::vector<const CocoObject*>;

/// The least overlap of the t-th, as numpy.linspace gives them.
double overlap_at(std::size_t t);

struct AreaRange {
  double least;
  double most;
  bool has(double area) const { return !(area < least || area > most); }
};
/// What a category has in one image; results by score, with their likeness to each object.
struct Scene {
  std::size_t image = 0;  ///< its number among the annotated ones
  Objects truth;
  Objects found;
  std::vector<double> likeness;  ///< [found][truth]
};

/// A result after matching.
struct Matched {
  double score;
  std::size_t rank;   ///< in its image
  std::size_t image;  ///< of Scene
  Flags hit;
  Flags ignored;
};

/// Adds the results of an image; returns how many objects count.
std::size_t match(const Scene& scene, const AreaRange& area, std::vector<Matched>& all);

}  // namespace tv2onnx
