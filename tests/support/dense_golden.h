#pragma once
// What tests/gen/dense_operations.py made the goldens of one-stage selection with.

#include <cstdint>
#include <string>
#include <vector>

#include "nn/anchors.h"

namespace tv2onnx::testing::dense {

inline constexpr std::int64_t kClasses = 4;
inline const std::vector<GridSize> kGrids{{12, 16}, {6, 8}, {3, 4}};

struct Case {
  std::string name;
  std::int64_t top_n;
  std::int64_t limit;
};
inline const std::vector<Case> kCases{{"few", 1000, 100},
                                      {"many", 1000, 300},
                                      {"cut", 40, 30},
                                      {"one_empty", 1000, 300},
                                      {"empty", 1000, 300}};

}  // namespace tv2onnx::testing::dense
