#include "nn/quantised.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "support/run_graph.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {
namespace {

struct Means {
  std::int64_t height, width;
  float scale;
  int zero_point;
  std::vector<int> wanted;
};

/// What torch 1.13 and 2.14 (qnnpack) give for the numbers of numbers_of(). Of positions of an even
/// number some lie between two.
const Means kMeans[] = {
    {2, 3, 0.05F, 0, {36, 43, 56, 64, 41, 60, 55, 51, 54, 42, 53, 57,
                      59, 56, 38, 62, 63, 45, 57, 34, 36, 39, 24, 47}},
    {2, 3, 0.0313F, 17, {53, 60, 73, 81, 58, 77, 72, 68, 71, 59, 70, 74,
                         76, 73, 55, 79, 80, 62, 75, 51, 53, 56, 41, 65}},
    {2, 7, 1.7F, 17, {59, 70, 74, 65, 67, 78, 68, 72, 55, 48, 58, 59,
                      66, 64, 74, 73, 59, 70, 64, 65, 81, 73, 80, 65}},
    {2, 5, 0.0313F, 0, {38, 54, 52, 54, 55, 49, 50, 60, 48, 63, 51, 42,
                        35, 30, 41, 39, 42, 51, 54, 46, 56, 51, 55, 49}},
    {3, 4, 0.05F, 17, {56, 77, 67, 70, 65, 72, 75, 67, 71, 63, 54, 53,
                       53, 58, 65, 72, 62, 66, 78, 65, 65, 61, 67, 77}},
};

/// Whole numbers above the zero point, 24 channels of them.
std::vector<float> numbers_of(const Means& row) {
  std::uint32_t state = 7;
  std::vector<float> numbers;
  for (std::int64_t k = 0; k < 24 * row.height * row.width; ++k) {
    state = (state * 1103515245U + 12345U) & 0x7FFFFFFFU;
    numbers.push_back(static_cast<float>((state >> 16U) % 96U));
  }
  return numbers;
}

TEST(Quantised, MeansRoundTiesAsTorch) {
  for (const Means& row : kMeans) {
    Graph graph(17);
    const Value x = graph.add_input("x", DType::kFloat32, {"batch", 24, "height", "width"});
    const Value scale = constant(graph, make_tensor({}, std::vector{row.scale}));
    const auto zero = static_cast<std::uint8_t>(row.zero_point);
    const Value zero_point = constant(graph, make_tensor({}, std::vector{zero}));
    const Value stored = dequantize(quantize(x * scale, scale, zero_point), scale, zero_point);
    graph.add_output(average_of_rounded(stored), "y", {"batch", 24, 1, 1});
    for (const auto optimise : {testing::Optimise::kNo, testing::Optimise::kYes}) {
      const Session session = testing::session_of(graph, optimise);
      const Tensor input = make_tensor({1, 24, row.height, row.width}, numbers_of(row));
      const std::vector<float> means = to_float(session.run({input})[0]);
      ASSERT_EQ(means.size(), row.wanted.size());
      for (std::size_t c = 0; c < means.size(); ++c) {
        EXPECT_EQ(std::lround(means[c] / row.scale) + row.zero_point, row.wanted[c])
            << row.height << 'x' << row.width << ' ' << c;
      }
    }
  }
}

}  // namespace
}  // namespace tv2onnx
