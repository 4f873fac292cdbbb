#include "nn/scaled_sides.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "graph/ops.h"
#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using testing::Optimise;
using testing::session_of;

using Sides = std::array<std::int64_t, 2>;

/// As Python and torch compute it, in the processor's own double and float32.
Sides expected(const Sides& sides, const TransformSpec& spec) {
  const auto [shorter, longer] = std::minmax(sides[0], sides[1]);
  double scale = std::min(spec.min_size / double(shorter), spec.max_size / double(longer));
  if (spec.rule == ResizeRule::kFloat32) {
    scale = std::min(1.0F / float(shorter) * float(spec.min_size),
                     1.0F / float(longer) * float(spec.max_size));
  }
  return {std::int64_t(std::floor(double(sides[0]) * scale)),
          std::int64_t(std::floor(double(sides[1]) * scale))};
}

/// Squares, random pairs, and pairs that a wanted size is divisible by, where rounding decides.
std::vector<Sides> samples(std::int64_t min_size, std::int64_t max_size) {
  std::vector<Sides> all;
  for (std::int64_t side = 1; side <= 4000; side += 3) all.push_back({side, side});
  std::mt19937 random(7);
  const auto up_to = [&](std::int64_t limit) { return std::int64_t(random() % limit) + 1; };
  for (int k = 0; k < 1500; ++k) all.push_back({up_to(4000), up_to(4000)});
  for (int k = 0; k < 1500; ++k) {
    const std::int64_t wanted = k % 2 == 0 ? min_size : max_size;
    const std::int64_t part = wanted / std::min(wanted, up_to(40));
    all.push_back({part * up_to(60), wanted * up_to(60)});
  }
  for (int k = 0; k < 300; ++k) all.push_back({up_to(1 << 20), up_to((1 << 29) - 1)});
  return all;
}

class ScaledSides : public ::testing::TestWithParam<std::tuple<ResizeRule, Sides>> {};

TEST_P(ScaledSides, IsThatOfDoubleArithmetic) {
  const auto [rule, wanted] = GetParam();
  const TransformSpec spec{
      .min_size = double(wanted[0]), .max_size = double(wanted[1]), .fixed_size = {}, .rule = rule};
  Graph graph(17);
  graph.add_output(scaled_sides(graph.add_input("sides", DType::kInt64, {2}), spec), "size", {2});
  const Session session = session_of(graph, Optimise::kYes);
  int rounded_down = 0;
  for (const Sides& sides : samples(wanted[0], wanted[1])) {
    const auto found =
        to_int64(session.run({make_tensor({2}, std::vector(sides.begin(), sides.end()))})[0]);
    const Sides meant = expected(sides, spec);
    ASSERT_EQ((Sides{found[0], found[1]}), meant) << sides[0] << " x " << sides[1];
    const auto [shorter, longer] = std::minmax(sides[0], sides[1]);
    if (wanted[0] * longer <= wanted[1] * shorter && meant[0] < sides[0] * wanted[0] / shorter) {
      ++rounded_down;
    }
  }
  if (wanted[0] == 800) {
    EXPECT_GT(rounded_down, 30);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ScaledSides,
    ::testing::Combine(::testing::Values(ResizeRule::kDouble, ResizeRule::kFloat32),
                       ::testing::Values(Sides{800, 1333}, Sides{320, 640}, Sides{1, 2},
                                         Sides{333, 333}, Sides{640, 333},
                                         Sides{kLargestWantedSize - 1, kLargestWantedSize})));

TEST(ScaledSides, AnImageWithoutPixelsHasNoneAfterwards) {
  for (const ResizeRule rule : {ResizeRule::kDouble, ResizeRule::kFloat32}) {
    Graph graph(17);
    const TransformSpec spec{.fixed_size = {}, .rule = rule};
    graph.add_output(scaled_sides(graph.add_input("sides", DType::kInt64, {2}), spec), "size", {2});
    const Session session = session_of(graph, Optimise::kYes);
    for (const Sides& sides : {Sides{0, 0}, Sides{0, 7}, Sides{640, 0}}) {
      const auto found =
          to_int64(session.run({make_tensor({2}, std::vector(sides.begin(), sides.end()))})[0]);
      EXPECT_EQ(found[0] * found[1], 0);
      EXPECT_GE(std::min(found[0], found[1]), 0);
    }
  }
}

}  // namespace
}  // namespace tv2onnx
