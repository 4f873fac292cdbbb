// The lookup of RAFT against its definition, with GridSample and without.

#include "nn/correlation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nn/upsampled_flow.h"
#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using testing::random_tensor;
using testing::session_of;

using Index = std::int64_t;

/// A map [channels, height, width] of one image.
struct Map {
  Index channels;
  Index height;
  Index width;
  std::vector<float> values;

  float at(Index c, Index y, Index x) const {
    if (y < 0 || x < 0 || y >= height || x >= width) return 0;
    return values[static_cast<std::size_t>((c * height + y) * width + x)];
  }
};

Map halved(const Map& map) {
  Map half{map.channels, map.height / 2, map.width / 2, {}};
  for (Index c = 0; c < half.channels; ++c) {
    for (Index y = 0; y < half.height; ++y) {
      for (Index x = 0; x < half.width; ++x) {
        half.values.push_back((map.at(c, 2 * y, 2 * x) + map.at(c, 2 * y, 2 * x + 1) +
                               map.at(c, 2 * y + 1, 2 * x) + map.at(c, 2 * y + 1, 2 * x + 1)) /
                              4);
      }
    }
  }
  return half;
}

/// The product of a position of one map with a point between the cells of the other.
double product(const Map& first, Index position, const Map& second, double x, double y) {
  const auto left = static_cast<Index>(std::floor(x));
  const auto above = static_cast<Index>(std::floor(y));
  double sum = 0;
  for (Index row = above; row <= above + 1; ++row) {
    for (Index column = left; column <= left + 1; ++column) {
      const double weight = (1 - std::abs(x - static_cast<double>(column))) *
                            (1 - std::abs(y - static_cast<double>(row)));
      for (Index c = 0; c < first.channels; ++c) {
        sum += weight * first.at(c, position / first.width, position % first.width) *
               second.at(c, row, column);
      }
    }
  }
  return sum / std::sqrt(static_cast<double>(first.channels));
}

/// By levels, then along x, then along y: [levels side^2, h w].
std::vector<double> looked_up(const Map& first, Map second, const std::vector<float>& centres,
                              const CorrelationSpec& spec) {
  const Index cells = first.height * first.width;
  std::vector<double> found;
  double scale = 1;
  for (Index level = 0; level < spec.levels; ++level, scale /= 2) {
    if (level > 0) second = halved(second);
    for (Index dx = -spec.radius; dx <= spec.radius; ++dx) {
      for (Index dy = -spec.radius; dy <= spec.radius; ++dy) {
        for (Index k = 0; k < cells; ++k) {
          const double x = centres[static_cast<std::size_t>(k)] * scale + static_cast<double>(dx);
          const double y =
              centres[static_cast<std::size_t>(cells + k)] * scale + static_cast<double>(dy);
          found.push_back(product(first, k, second, x, y));
        }
      }
    }
  }
  return found;
}

class Correlation : public ::testing::TestWithParam<int> {};

TEST_P(Correlation, LooksUpWhatTheDefinitionSays) {
  constexpr CorrelationSpec kSpec{.levels = 2, .radius = 2};
  Graph graph(GetParam());
  const Dims dims{"batch", 3, "height", "width"};
  const Value first = graph.add_input("first", DType::kFloat32, dims);
  const Value second = graph.add_input("second", DType::kFloat32, dims);
  const Value centres =
      graph.add_input("centres", DType::kFloat32, {"batch", 2, "height", "width"});
  graph.add_output(look_up(correlation_pyramid(first, second, kSpec), centres), "y", Dims(4));
  const Session session = session_of(graph);
  for (const auto& [height, width] : {std::pair<Index, Index>{5, 8}, {7, 4}}) {
    const Tensor one = random_tensor({1, 3, height, width}, -1, 1, 1);
    const Tensor other = random_tensor({1, 3, height, width}, -1, 1, 2);
    // Inside, between cells, and far outside.
    std::vector<float> at = to_float(random_tensor({1, 2, height, width}, -1, 1, 3));
    for (float& value : at) value = 6 * value + 2;
    const Map a{3, height, width, to_float(one)};
    const Map b{3, height, width, to_float(other)};
    const std::vector<double> wanted = looked_up(a, b, at, kSpec);
    const std::vector<float> found =
        to_float(session.run({one, other, make_tensor({1, 2, height, width}, at)})[0]);
    ASSERT_EQ(found.size(), wanted.size());
    for (std::size_t k = 0; k < found.size(); ++k) ASSERT_NEAR(found[k], wanted[k], 2e-5) << k;
  }
}

INSTANTIATE_TEST_SUITE_P(Opsets, Correlation, ::testing::Values(11, 15, 16, 17, 21));

/// F.interpolate(align_corners=True): the corners stay where they are.
TEST(UpsampledFlow, KeepsTheCorners) {
  for (const int opset : {11, 17, 21}) {
    Graph graph(opset);
    const Value flows = graph.add_input("x", DType::kFloat32, {"batch", 2, "height", "width"});
    graph.add_output(upsampled_flow(flows), "y", Dims(4));
    const Tensor flow = random_tensor({2, 2, 3, 5}, -1, 1, 4);
    const Tensor large = session_of(graph).run({flow})[0];
    ASSERT_EQ(large.shape, (Shape{2, 2, 24, 40}));
    const auto small_at = [&](Index p, Index row, Index column) {
      return flow.as<float>()[static_cast<std::size_t>((p * 3 + row) * 5 + column)];
    };
    for (Index k = 0; k < 4 * 24 * 40; ++k) {
      const Index plane = k / (24 * 40);
      const double y = static_cast<double>(k / 40 % 24) * 2 / 23;
      const double x = static_cast<double>(k % 40) * 4 / 39;
      const Index above = std::min<Index>(1, static_cast<Index>(y));
      const Index left = std::min<Index>(3, static_cast<Index>(x));
      const double dy = y - static_cast<double>(above);
      const double dx = x - static_cast<double>(left);
      const double wanted = (1 - dy) * (1 - dx) * small_at(plane, above, left) +
                            (1 - dy) * dx * small_at(plane, above, left + 1) +
                            dy * (1 - dx) * small_at(plane, above + 1, left) +
                            dy * dx * small_at(plane, above + 1, left + 1);
      ASSERT_NEAR(large.as<float>()[static_cast<std::size_t>(k)], 8 * wanted, 2e-5) << k;
    }
  }
}

}  // namespace
}  // namespace tv2onnx
