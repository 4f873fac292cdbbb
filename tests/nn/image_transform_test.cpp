#include "nn/image_transform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/ops.h"
#include "support/golden.h"
#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAreArray;
using testing::expect_near;
using testing::Golden;
using testing::kOpsets;
using testing::Optimise;
using testing::session_of;

// Torch and ONNX Runtime both compute the place to sample in float32, one by multiplying, the other
// by dividing. At coordinates of 32 to 64 that is 4e-6 of a pixel, and noise with a contrast of 1
// is divided by a deviation of 0.22.
constexpr float kPixelTolerance = 4e-6F / 0.22F;

void build(Graph& graph, const TransformSpec& spec) {
  const Value images = graph.add_input("x", DType::kFloat32, {"batch", 3, "height", "width"});
  const TransformedImages result = transform_images(images, spec);
  graph.add_output(result.x, "images", {"batch", 3, Dim(), Dim()});
  graph.add_output(result.size, "size", {2});
}

struct Case {
  std::string name;
  double min_size;
  double max_size;
};

TEST(ImageTransform, PixelsAsGeneralizedRcnnTransform) {
  const Golden golden("transform");
  for (const Case& c : {Case{"up", 32, 60}, Case{"down", 24, 30}, Case{"long", 32, 45},
                        Case{"same", 32, 64}, Case{"fixed", 1, 1}}) {
    TransformSpec spec{.min_size = c.min_size,
                       .max_size = c.max_size,
                       .fixed_size = {},
                       .rule = ResizeRule::kFloat32};
    if (c.name == "fixed") spec.fixed_size = {64, 32};
    for (const int opset : kOpsets) {
      for (const Optimise optimise : {Optimise::kNo, Optimise::kYes}) {
        Graph graph(opset);
        build(graph, spec);
        testing::expect_no_double(graph);
        const auto found = session_of(graph, optimise).run({golden[c.name + ".images"]});
        EXPECT_EQ(to_int64(found[1]), to_int64(golden[c.name + ".size"])) << c.name;
        expect_near(found[0], golden[c.name + ".expected"], kPixelTolerance);
      }
    }
  }
}

TEST(ImageTransform, OwnSizeIsPaddedOnly) {
  TransformSpec spec{.mean = {0.5, 0, 0.25},
                     .std = {0.5, 1, 0.25},
                     .size_divisible = 4,
                     .no_resize = true,
                     .fixed_size = {}};
  // 2 x 5 pixels of 0.5 become 4 x 8: normalised, then zeros to the right and below.
  const Tensor image = make_tensor({1, 3, 2, 5}, std::vector<float>(30, 0.5F));
  std::vector<float> expected(3 * 4 * 8, 0.0F);
  for (std::size_t k = 0; k < 10; ++k) {
    const std::size_t pixel = k / 5 * 8 + k % 5;
    expected[32 + pixel] = 0.5F;
    expected[64 + pixel] = 1;
  }
  for (const int opset : kOpsets) {
    Graph graph(opset);
    build(graph, spec);
    const auto found = session_of(graph, Optimise::kYes).run({image});
    EXPECT_THAT(found[0].shape, ElementsAreArray({1, 3, 4, 8}));
    EXPECT_THAT(to_float(found[0]), ElementsAreArray(expected));
    EXPECT_THAT(to_int64(found[1]), ElementsAreArray({2, 5}));
  }
}

TEST(ImageTransform, TwoNormalisationsAreOne) {
  const Normalisation both = composed({{0.5, 0.1}, {0.25, 2}}, {{0.4, -1}, {0.5, 0.1}});
  const std::vector<double> x{0.3, 0.7};
  for (std::size_t c = 0; c < 2; ++c) {
    const double first = (x[c] - (c == 0 ? 0.5 : 0.1)) / (c == 0 ? 0.25 : 2);
    const double second = (first - (c == 0 ? 0.4 : -1)) / (c == 0 ? 0.5 : 0.1);
    EXPECT_NEAR((x[c] - both.mean[c]) / both.std[c], second, 1e-12);
  }
}

/// The graph that computes only the size: images without pixels are enough for it.
void build_size(Graph& graph, const TransformSpec& spec) {
  const Value images = graph.add_input("x", DType::kFloat32, {"batch", 3, "height", "width"});
  const TransformedImages result = transform_images(images, spec);
  testing::expect_no_double(graph);
  graph.add_output(concat({result.size, result.padded_size}, 0), "sizes", {4});
}

class ResizedSize : public ::testing::TestWithParam<std::tuple<ResizeRule, int, Optimise>> {};

TEST_P(ResizedSize, IsThatOfTorchvision) {
  const auto [rule, opset, optimise] = GetParam();
  const Golden golden("sizes");
  const std::vector<std::int64_t> inputs = to_int64(golden["sizes.input"]);
  ASSERT_GE(inputs.size() / 2, 300U);
  for (const auto& [min_size, max_size] : {std::pair(800, 1333), {320, 640}, {600, 1000}}) {
    Graph graph(opset);
    build_size(graph, {.min_size = double(min_size),
                       .max_size = double(max_size),
                       .fixed_size = {},
                       .rule = rule});
    const Session session = session_of(graph, optimise);
    const std::string name = rule == ResizeRule::kDouble ? "double" : "float32";
    const auto wanted = to_int64(golden["sizes." + name + "." + std::to_string(min_size)]);
    for (std::size_t k = 0; k < inputs.size(); k += 2) {
      const Tensor x = make_tensor({0, 3, inputs[k], inputs[k + 1]}, std::vector<float>{});
      const auto found = to_int64(session.run({x})[0]);
      const std::int64_t height = wanted[k];
      const std::int64_t width = wanted[k + 1];
      EXPECT_THAT(
          found, ElementsAreArray({height, width, (height + 31) / 32 * 32, (width + 31) / 32 * 32}))
          << inputs[k] << " x " << inputs[k + 1];
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ResizedSize,
                         ::testing::Combine(::testing::Values(ResizeRule::kDouble,
                                                              ResizeRule::kFloat32),
                                            ::testing::ValuesIn(kOpsets),
                                            ::testing::Values(Optimise::kNo, Optimise::kYes)));

TEST(ImageTransform, TheTwoRulesDiffer) {
  const Golden golden("sizes");
  EXPECT_NE(to_int64(golden["sizes.double.800"]), to_int64(golden["sizes.float32.800"]));
}

}  // namespace
}  // namespace tv2onnx
