#include "nn/heatmaps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "graph/ops.h"
#include "support/golden.h"
#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using testing::expect_near;
using testing::Golden;
using ::testing::Gt;
using testing::kOpsets;
using ::testing::Lt;
using testing::Optimise;
using testing::session_of;

void build(Graph& graph, std::int64_t size, std::vector<std::int64_t> limit = {}) {
  const Value maps = graph.add_input("maps", DType::kFloat32, {"n", 3, size, size});
  const Value boxes = graph.add_input("boxes", DType::kFloat32, {"n", 4});
  const Value most = limit.empty() ? Value() : ints(graph, std::move(limit));
  const Keypoints found = heatmaps_to_keypoints(maps, boxes, most);
  graph.add_output(found.x, "x", {"n", 3});
  graph.add_output(found.y, "y", {"n", 3});
  graph.add_output(found.scores, "scores", {"n", 3});
}

/// Column `k` of points [n, 3, 3].
Tensor column(const Tensor& points, std::size_t k) {
  std::vector<float> values;
  const std::vector<float> all = to_float(points);
  for (std::size_t place = k; place < all.size(); place += 3) values.push_back(all[place]);
  return make_tensor({points.shape[0], points.shape[1]}, std::move(values));
}

TEST(Heatmaps, PeaksAreTorchvisions) {
  const Golden golden("heatmaps");
  for (const int opset : kOpsets) {
    for (const std::int64_t size : {5, 14}) {
      const std::string suffix = "." + std::to_string(size);
      SCOPED_TRACE("opset " + std::to_string(opset) + ", size" + suffix);
      Graph graph(opset);
      build(graph, size);
      for (const Optimise optimise : {Optimise::kNo, Optimise::kYes}) {
        const auto found =
            session_of(graph, optimise).run({golden["maps" + suffix], golden["boxes"]});
        expect_near(found[0], column(golden["points" + suffix], 0), 1e-6F);
        expect_near(found[1], column(golden["points" + suffix], 1), 1e-6F);
        expect_near(found[2], golden["scores" + suffix], 2e-6F);
      }
    }
  }
}

TEST(Heatmaps, AreReadToTheSameBitWithinALimit) {
  const Golden golden("heatmaps");
  const std::vector<float> boxes = to_float(golden["boxes"]);
  std::vector<std::int64_t> most{1, 1};  // height, width
  for (std::size_t k = 0; k < boxes.size(); k += 4) {
    for (const std::size_t axis : {0U, 1U}) {
      const float extent = std::ceil(boxes[k + 3 - axis] - boxes[k + 1 - axis]);
      most[axis] = std::max(most[axis], static_cast<std::int64_t>(extent));
    }
  }
  const auto peaks = [&](const std::vector<std::int64_t>& limit) {
    Graph graph(17);
    build(graph, 14, limit);
    std::vector<std::vector<float>> found;
    for (const Tensor& result : session_of(graph).run({golden["maps.14"], golden["boxes"]})) {
      found.push_back(to_float(result));
    }
    return found;
  };
  EXPECT_EQ(peaks(most), peaks({}));
  EXPECT_EQ(peaks({most[0] + 9, most[1] + 31}), peaks({}));
}

TEST(Heatmaps, OfEqualPixelsOneOfTheBoxIsTaken) {
  Graph graph(17);
  build(graph, 5);
  // The second box is larger, so that the first has pixels that repeat its last ones.
  const auto found = session_of(graph).run(
      {make_tensor({2, 3, 5, 5}, std::vector<float>(150, 0.3F)),
       make_tensor({2, 4}, std::vector<float>{10, 10, 14.5F, 13.5F, 0, 0, 100, 100})});
  for (const std::size_t axis : {0U, 1U}) {
    std::vector<float> first = to_float(found[axis]);
    first.resize(3);
    EXPECT_THAT(first, Each(AllOf(Gt(10.0F), Lt(14.5F))));
  }
}

}  // namespace
}  // namespace tv2onnx
