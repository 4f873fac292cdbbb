#include "nn/keypoint_branch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/ops.h"
#include "support/detections.h"
#include "support/golden.h"
#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using testing::expect_near;
using testing::Golden;
using ::testing::IsEmpty;
using testing::kOpsets;
using testing::Optimise;
using testing::session_of;

constexpr std::int64_t kLimit = 12;

void build(Graph& graph, const Golden& golden, std::vector<float> ratio) {
  const std::vector<FeatureMap> maps = testing::map_inputs(graph);
  const DetectionList list = list_detections(testing::table_input(graph, kLimit));
  const WeightSource source = golden.weights("");
  LoadReport report;
  const Keypoints found =
      detect_keypoints(Scope(graph, source, report), maps, list,
                       {.output_height = 4, .output_width = 4, .sampling_ratio = 2}, {});
  EXPECT_THAT(report.problems, IsEmpty());
  const Value rows = keypoint_rows(found, floats(graph, std::move(ratio)));
  graph.add_output(real(rows, list), "keypoints", {"detections", 5, 3});
  graph.add_output(real(found.scores, list), "scores", {"detections", 5});
}

std::vector<Tensor> inputs_of(const Golden& golden, const std::string& name) {
  return testing::maps_and_table_of(golden, name, kLimit);
}

TEST(KeypointBranch, IsTorchvisions) {
  const Golden golden("keypoints");
  for (const int opset : kOpsets) {
    Graph graph(opset);
    build(graph, golden, {1, 1});
    for (const Optimise optimise : {Optimise::kNo, Optimise::kYes}) {
      const Session session = session_of(graph, optimise);
      for (const std::string name : {"some", "one", "second", "many"}) {
        SCOPED_TRACE(name + ", opset " + std::to_string(opset));
        const std::vector<Tensor> found = session.run(inputs_of(golden, name));
        expect_near(found[0], golden[name + ".points"], 1e-6F);
        expect_near(found[1], golden[name + ".scores"], 2e-6F);
      }
    }
  }
}

TEST(KeypointBranch, NoDetectionsGiveNoKeypoints) {
  const Golden golden("keypoints");
  for (const int opset : kOpsets) {
    Graph graph(opset);
    build(graph, golden, {1, 1});
    std::vector<Tensor> inputs = inputs_of(golden, "some");
    inputs.back() = make_bool_tensor({2, kLimit}, std::vector<std::uint8_t>(2 * kLimit));
    const std::vector<Tensor> found = session_of(graph).run(inputs);
    EXPECT_THAT(found[0].shape, ElementsAre(0, 5, 3));
    EXPECT_THAT(found[1].shape, ElementsAre(0, 5));
  }
}

TEST(KeypointBranch, CoordinatesAreScaledAndVisibilityIsNot) {
  const Golden golden("keypoints");
  Graph graph(17);
  build(graph, golden, {3, 2});
  std::vector<float> expected = to_float(golden["some.points"]);
  for (std::size_t k = 0; k < expected.size(); k += 3) {
    expected[k] *= 2;
    expected[k + 1] *= 3;
  }
  const Shape shape = golden["some.points"].shape;
  expect_near(session_of(graph).run(inputs_of(golden, "some"))[0],
              make_tensor(shape, std::move(expected)), 1e-6F);
}

}  // namespace
}  // namespace tv2onnx
