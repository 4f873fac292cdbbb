#include "nn/rpn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/ops.h"
#include "support/errors.h"
#include "support/golden.h"
#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using ::testing::Each;
using testing::Golden;
using ::testing::HasSubstr;
using testing::kOpsets;
using testing::message_of;
using testing::Optimise;
using testing::session_of;

struct Case {
  std::string name;
  double nms_thresh;
  double score_thresh;
  std::int64_t pre;
  std::int64_t post;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{{"anchors", 1.0, 0.0, 1000, 5000},
                                     {"usual", 0.7, 0.05, 1000, 1000},
                                     {"few", 0.7, 0.0, 100, 50},
                                     {"threshold", 0.7, 0.3, 1000, 1000},
                                     {"none", 0.7, 0.05, 1000, 1000}};
  return all;
}

AnchorSpec anchors() {
  return {.sizes = {{16, 24}, {40, 61}, {90, 128}},
          .aspect_ratios = {{0.5, 1.0}, {0.7, 1.9}, {1.0, 3.0}}};
}

LoadReport build(Graph& graph, const Golden& golden, const Case& c, AnchorSpec anchor_spec,
                 bool constant_counts = false) {
  std::vector<FeatureMap> levels;
  for (const std::int64_t stride : {16, 27, 64}) {
    const std::string name = "map" + std::to_string(levels.size());
    levels.push_back({graph.add_input(name, DType::kFloat32, {"batch", 8, Dim(), Dim()}), stride});
  }
  const WeightSource source = golden.weights(c.name + ".");
  LoadReport report;
  const TransformedImages images{.x = {},
                                 .size = ints(graph, {192, 250}),
                                 .padded_size = ints(graph, {192, 256}),
                                 .original_size = {}};
  const Proposals found = region_proposals(Scope(graph, source, report) / "rpn", levels, images,
                                           {.anchors = std::move(anchor_spec),
                                            .pre_nms_top_n = c.pre,
                                            .post_nms_top_n = c.post,
                                            .nms_thresh = c.nms_thresh,
                                            .score_thresh = c.score_thresh,
                                            .constant_counts = constant_counts});
  graph.add_output(found.boxes, "boxes", {"batch", Dim(), 4});
  graph.add_output(found.valid, "valid", {"batch", Dim()});
  graph.add_output(found.count, "count", {1});
  return report;
}

std::vector<Tensor> maps(const Golden& golden) {
  return {golden["map.0"], golden["map.1"], golden["map.2"]};
}

/// The rows of one image that count.
std::vector<std::vector<float>> valid_rows(const std::vector<Tensor>& results, std::int64_t image) {
  const std::vector<float> boxes = to_float(results[0]);
  const std::vector<std::int64_t> valid = to_int64(results[1]);
  const std::int64_t rows = results[1].shape[1];
  std::vector<std::vector<float>> kept;
  for (std::int64_t row = image * rows; row < (image + 1) * rows; ++row) {
    const auto at = boxes.begin() + row * 4;
    if (valid[static_cast<std::size_t>(row)] != 0) kept.emplace_back(at, at + 4);
  }
  return kept;
}

/// Same boxes in the same order, except that neighbours may change places: the sums of a
/// convolution are rounded in another order, so nearly equal scores may come out swapped.
void expect_rows(const std::vector<std::vector<float>>& found, const Tensor& wanted) {
  ASSERT_EQ(static_cast<std::int64_t>(found.size()), wanted.shape[0]);
  const std::vector<float> values = to_float(wanted);
  std::vector<bool> taken(found.size());
  for (std::size_t row = 0; row < found.size(); ++row) {
    const auto same = [&](std::size_t other) {
      for (std::size_t k = 0; k < 4; ++k) {
        if (std::abs(found[other][k] - values[row * 4 + k]) > 1e-3F) return false;
      }
      return !taken[other];
    };
    std::size_t match = row < 1 ? 0 : row - 1;
    while (match < std::min(found.size(), row + 2) && !same(match)) ++match;
    ASSERT_LT(match, std::min(found.size(), row + 2)) << "row " << row;
    taken[match] = true;
  }
}

TEST(RegionProposals, AreThoseOfTorchvision) {
  const Golden golden("proposals");
  for (const Case& c : cases()) {
    for (const int opset : kOpsets) {
      SCOPED_TRACE(c.name + ", opset " + std::to_string(opset));
      Graph graph(opset);
      EXPECT_TRUE(build(graph, golden, c, anchors()).problems.empty());
      for (const Optimise optimise : {Optimise::kNo, Optimise::kYes}) {
        const auto results = session_of(graph, optimise).run(maps(golden));
        std::int64_t most = 1;
        for (const std::int64_t image : {0, 1}) {
          const Tensor& wanted = golden[c.name + ".expected." + std::to_string(image)];
          expect_rows(valid_rows(results, image), wanted);
          most = std::max(most, wanted.shape[0]);
        }
        EXPECT_THAT(to_int64(results[2]), Each(most));
        EXPECT_EQ(results[0].shape, (Shape{2, most, 4}));
      }
    }
  }
}

TEST(RegionProposals, AreTheSameInATableOfConstantSize) {
  const Golden golden("proposals");
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    Graph graph(17);
    build(graph, golden, c, anchors(), true);
    const auto results = session_of(graph).run(maps(golden));
    for (const std::int64_t image : {0, 1}) {
      expect_rows(valid_rows(results, image),
                  golden[c.name + ".expected." + std::to_string(image)]);
    }
    const std::int64_t rows = std::min(c.post, 3 * c.pre);
    EXPECT_THAT(to_int64(results[2]), Each(rows));
    EXPECT_EQ(results[0].shape, (Shape{2, rows, 4}));
  }
}

TEST(RegionProposals, ImagesOfABatchDoNotInfluenceEachOther) {
  const Golden golden("proposals");
  Graph graph(17);
  build(graph, golden, cases()[1], anchors());
  const Session session = session_of(graph);
  std::vector<Tensor> alone;
  for (Tensor map : maps(golden)) {
    map.shape[0] = 1;
    alone.push_back(map);
  }
  EXPECT_EQ(valid_rows(session.run(alone), 0), valid_rows(session.run(maps(golden)), 0));
}

TEST(RegionProposals, RowsWithoutABoxAreZero) {
  const Golden golden("proposals");
  Graph graph(17);
  build(graph, golden, cases()[4], anchors());
  const auto results = session_of(graph).run(maps(golden));
  EXPECT_THAT(to_float(results[0]), Each(0.0F));
  EXPECT_THAT(to_int64(results[1]), Each(0));
}

TEST(RegionProposals, AnchorsThatDoNotFitAreRefused) {
  const Golden golden("proposals");
  Graph graph(17);
  AnchorSpec two_levels = anchors();
  two_levels.sizes.pop_back();
  EXPECT_THAT(message_of([&] { build(graph, golden, cases()[1], two_levels); }),
              HasSubstr("2 tuples of anchor sizes and 3 of aspect ratios for 3 feature maps"));
  AnchorSpec more = anchors();
  more.sizes[0].push_back(32);
  Graph other(17);
  EXPECT_THAT(message_of([&] { build(other, golden, cases()[1], more); }),
              HasSubstr("the settings make 6 anchors per cell, the weights are for 4"));
}

}  // namespace
}  // namespace tv2onnx
