#include "nn/pooling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nn/layers.h"
#include "support/golden.h"
#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::Pointwise;
using testing::random_tensor;
using testing::session_of;

/// A graph whose input is x [batch, channels, height, width], of any size.
struct Bench {
  explicit Bench(std::int64_t channels, int opset = 17) : graph(opset) {
    x = graph.add_input("x", DType::kFloat32, {"batch", channels, "height", "width"});
  }
  Session session(Value y, std::size_t rank = 4) {
    graph.add_output(y, "y", Dims(rank));
    return session_of(graph);
  }

  Graph graph;
  WeightSource source = testing::Golden("layers").weights("");
  LoadReport report;
  Scope s{graph, source, report};
  Value x;
};

/// What nn.AdaptiveAvgPool2d computes, cell by cell.
std::vector<float> cell_means(const Tensor& image, std::int64_t size) {
  const std::int64_t height = image.shape[2];
  const std::int64_t width = image.shape[3];
  const auto pixels = image.as<float>();
  const auto first = [&](std::int64_t cell, std::int64_t length) { return cell * length / size; };
  const auto end = [&](std::int64_t cell, std::int64_t length) {
    return static_cast<std::int64_t>(
        std::ceil(static_cast<double>((cell + 1) * length) / static_cast<double>(size)));
  };
  std::vector<float> means;
  for (std::int64_t plane = 0; plane < image.shape[0] * image.shape[1]; ++plane) {
    for (std::int64_t cell = 0; cell < size * size; ++cell) {
      double sum = 0;
      int count = 0;
      for (auto y = first(cell / size, height); y < end(cell / size, height); ++y) {
        for (auto x = first(cell % size, width); x < end(cell % size, width); ++x, ++count) {
          sum += pixels[static_cast<std::size_t>((plane * height + y) * width + x)];
        }
      }
      means.push_back(static_cast<float>(sum / count));
    }
  }
  return means;
}

TEST(Pooling, AdaptiveMeansOfEverySize) {
  for (const int opset : {11, 17, 21}) {
    Bench bench(3, opset);
    const Session session = bench.session(adaptive_average_pool(bench.s / "pool", bench.x, 6));
    for (std::int64_t height = 1; height <= 20; ++height) {
      const Tensor image = random_tensor({2, 3, height, 21 - height}, -1, 1, 7);
      const Tensor found = session.run({image})[0];
      EXPECT_THAT(found.shape, ElementsAre(2, 3, 6, 6));
      EXPECT_THAT(to_float(found), Pointwise(::testing::FloatNear(1e-6F), cell_means(image, 6)))
          << height;
    }
  }
}

TEST(Pooling, MeansCountTheZerosOfThePadding) {
  Bench bench(1);
  const Value y = average_pool2d(bench.s, bench.x, {.kernel = 3, .stride = 1, .padding = 1});
  const Tensor ones = make_tensor({1, 1, 2, 2}, std::vector<float>(4, 9.0F));
  EXPECT_THAT(to_float(bench.session(y).run({ones})[0]), ElementsAre(4, 4, 4, 4));
}

TEST(Pooling, SizesAreRoundedUpWhereAsked) {
  Bench bench(1);
  const Value y = max_pool2d(bench.s, bench.x, {.kernel = 3, .stride = 2, .ceil = true});
  const Session session = bench.session(y);
  EXPECT_THAT(session.run({random_tensor({1, 1, 6, 7}, 0, 1, 1)})[0].shape,
              ElementsAre(1, 1, 3, 3));
}

TEST(Pooling, ShuffledChannelsComeFromTheGroupsInTurn) {
  Bench bench(6);
  const Session session = bench.session(channel_shuffle(bench.x, 2));
  const Tensor x = make_tensor({1, 6, 1, 1}, std::vector<float>{0, 1, 2, 3, 4, 5});
  EXPECT_THAT(to_float(session.run({x})[0]), ElementsAre(0, 3, 1, 4, 2, 5));
}

}  // namespace
}  // namespace tv2onnx
