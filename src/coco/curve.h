#pragma once
// Precision and recall of the results of a category, from the matches of all images.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "coco/matching.h"

namespace tv2onnx {

inline constexpr std::size_t kRecalls = 101;  // 0, 0.01, ... 1

struct Curve {
  std::array<double, kRecalls> precision{};  ///< at each of the recalls
  double recall = 0;                         ///< the highest one

  double mean() const;
};

/// The best `most` results of each image by their scores, best first.
std::vector<const Matched*> by_score(const std::vector<Matched>& all, std::size_t most);

/// \param weights how often each image counts, by its number; empty: once
Curve curve_of(const std::vector<const Matched*>& sorted, std::size_t overlap, std::size_t objects,
               std::span<const std::uint32_t> weights = {});

}  // namespace tv2onnx
