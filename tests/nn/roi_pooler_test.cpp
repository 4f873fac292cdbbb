#include "nn/roi_pooler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "graph/ops.h"
#include "support/errors.h"
#include "support/golden.h"
#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using testing::expect_near;
using testing::Golden;
using ::testing::HasSubstr;
using testing::kOpsets;
using testing::Optimise;
using testing::session_of;

void build(Graph& graph, const std::vector<std::int64_t>& strides, std::int64_t sampling_ratio,
           bool constant_counts = false) {
  std::vector<FeatureMap> maps;
  for (const std::int64_t stride : strides) {
    const std::string name = "map" + std::to_string(maps.size());
    maps.push_back({graph.add_input(name, DType::kFloat32, {"batch", 1, Dim(), Dim()}), stride});
  }
  Proposals proposals;
  proposals.boxes = graph.add_input("boxes", DType::kFloat32, {"batch", "proposals", 4});
  proposals.count = size_of(proposals.boxes, 1);
  const PooledRois pooled = pool_rois(maps, proposals,
                                      {.output_height = 3,
                                       .output_width = 5,
                                       .sampling_ratio = sampling_ratio,
                                       .constant_counts = constant_counts});
  const Value features =
      pooled.transposed ? transpose(pooled.features, {0, 3, 2, 1}) : pooled.features;
  graph.add_output(in_proposal_order(features, pooled), "pooled", {Dim(), 1, 3, 5});
}

std::vector<Tensor> inputs_of(const Golden& golden, const std::string& name, std::size_t levels) {
  std::vector<Tensor> inputs;
  for (std::size_t k = 0; k < levels; ++k) {
    inputs.push_back(golden[name + ".map." + std::to_string(k)]);
  }
  return inputs;
}

struct Case {
  std::string name;
  std::vector<std::int64_t> strides;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{{"four", {4, 8, 16, 32}}, {"two", {8, 16}}, {"one", {32, 32}}};
  return all;
}

TEST(RoiPooler, PoolsAsMultiScaleRoiAlign) {
  const Golden golden("pooling");
  for (const Case& c : cases()) {
    std::vector<Tensor> inputs = inputs_of(golden, c.name, c.strides.size());
    // Of two maps with one stride only the first is read, as torchvision does.
    if (c.name == "one") inputs.pop_back();
    inputs.push_back(golden[c.name + ".boxes"]);
    for (const int opset : kOpsets) {
      for (const std::int64_t ratio : {0, 2}) {
        Graph graph(opset);
        build(graph, c.name == "one" ? std::vector<std::int64_t>{32} : c.strides, ratio);
        for (const Optimise optimise : {Optimise::kNo, Optimise::kYes}) {
          const auto found = session_of(graph, optimise).run(inputs);
          expect_near(found[0], golden[c.name + ".ratio" + std::to_string(ratio)], 2e-5F);
        }
      }
    }
  }
}

TEST(RoiPooler, PoolsTheSameFromEveryMap) {
  const Golden golden("pooling");
  for (const Case& c : {cases()[0], cases()[1]}) {
    std::vector<Tensor> inputs = inputs_of(golden, c.name, c.strides.size());
    inputs.push_back(golden[c.name + ".boxes"]);
    for (const int opset : kOpsets) {
      const auto pooled = [&](bool constant_counts) {
        Graph graph(opset);
        build(graph, c.strides, 2, constant_counts);
        return to_float(session_of(graph).run(inputs)[0]);
      };
      EXPECT_EQ(pooled(true), pooled(false)) << c.name << ", opset " << opset;
    }
  }
}

/// Of boxes on a map of stride 4: what pool_rois makes, and what the operator makes of all
/// channels.
void build_both(Graph& graph, std::int64_t channels, std::int64_t sampling_ratio) {
  const Value map = graph.add_input("map", DType::kFloat32, {"batch", channels, Dim(), Dim()});
  Proposals proposals;
  proposals.boxes = graph.add_input("boxes", DType::kFloat32, {"batch", "proposals", 4});
  proposals.count = size_of(proposals.boxes, 1);
  const PooledRois pooled =
      pool_rois({{map, 4}}, proposals,
                {.output_height = 3, .output_width = 5, .sampling_ratio = sampling_ratio});
  graph.add_output(pooled.features, "pooled", {Dim(), channels, 3, 5});
  const Rois rois = rois_of(proposals.boxes, proposals.count);
  graph.add_output(
      roi_align(map, rois.boxes, rois.image,
                {.height = 3, .width = 5, .sampling_ratio = sampling_ratio, .scale = 0.25F}),
      "whole", {Dim(), channels, 3, 5});
}

std::vector<float> drawn(std::int64_t count, float largest) {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> numbers(0, largest);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = numbers(random);
  return values;
}

TEST(RoiPooler, FewChannelsAtATimeGiveTheSameToTheBit) {
  for (const int opset : kOpsets) {
    for (const std::int64_t ratio : {0, 2}) {
      Graph graph(opset);
      build_both(graph, 48, ratio);
      const Session session = session_of(graph);
      for (const std::int64_t count : {0, 1, 9}) {
        const auto found = session.run({make_tensor({2, 48, 11, 13}, drawn(2 * 48 * 11 * 13, 1)),
                                        make_tensor({2, count, 4}, drawn(8 * count, 60))});
        EXPECT_THAT(found[0].shape, ElementsAre(2 * count, 48, 3, 5));
        EXPECT_EQ(to_float(found[0]), to_float(found[1])) << "opset " << opset << ", " << count;
      }
    }
  }
}

TEST(RoiPooler, ChannelsThatMakeNoWholeGroupsStayTogether) {
  for (const auto& [channels, transposes] :
       std::vector<std::pair<std::int64_t, int>>{{48, 1}, {40, 0}, {16, 0}}) {
    Graph graph(17);
    build_both(graph, channels, 2);
    const auto operators = testing::operators(testing::lowered(graph));
    EXPECT_EQ(std::ranges::count(operators, "Transpose"), transposes) << channels;
  }
}

TEST(RoiPooler, OneStrideTwiceReadsTheFirstMap) {
  const auto count = [](std::int64_t ratio, const char* op) {
    Graph graph(17);
    build(graph, {32, 32}, ratio);
    return std::ranges::count(testing::operators(testing::lowered(graph)), op);
  };
  // An adaptive number of samples needs the operator; else matrix products are faster.
  EXPECT_EQ(count(0, "RoiAlign"), 1);
  EXPECT_EQ(count(2, "RoiAlign"), 0);
  EXPECT_EQ(count(2, "MatMul"), 2);
}

TEST(RoiPooler, NoProposalsAtAllAreFine) {
  const Golden golden("pooling");
  for (const Case& c : {cases()[0], cases()[1]}) {
    for (const int opset : kOpsets) {
      Graph graph(opset);
      build(graph, c.strides, 2);
      std::vector<Tensor> inputs = inputs_of(golden, c.name, c.strides.size());
      inputs.push_back(make_tensor({2, 0, 4}, std::vector<float>{}));
      EXPECT_THAT(session_of(graph).run(inputs)[0].shape, ElementsAre(0, 1, 3, 5));
      inputs.back() = make_tensor({2, 1, 4}, std::vector<float>(8));  // one row that does not count
      EXPECT_THAT(session_of(graph).run(inputs)[0].shape, ElementsAre(2, 1, 3, 5));
    }
  }
}

TEST(RoiPooler, StridesThatSkipALevelAreRefused) {
  Graph graph(17);
  const std::string message = testing::message_of([&] { build(graph, {4, 16}, 2); });
  EXPECT_THAT(message, HasSubstr("error[W002]"));
  EXPECT_THAT(message, HasSubstr("4, 16"));
}

}  // namespace
}  // namespace tv2onnx
