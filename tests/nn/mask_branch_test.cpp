#include "nn/mask_branch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

void build(Graph& graph, const Golden& golden, const std::string& kind) {
  const std::vector<FeatureMap> maps = testing::map_inputs(graph);
  const DetectionList list = list_detections(testing::table_input(graph, kLimit));
  const WeightSource source = golden.weights(kind + ".");
  LoadReport report;
  const Value masks = detect_masks(Scope(graph, source, report), maps, list,
                                   {.output_height = 4, .output_width = 4, .sampling_ratio = 2});
  EXPECT_THAT(report.problems, IsEmpty());
  graph.add_output(real(masks, list), "masks", {"detections", 1, 8, 8});
}

std::vector<Tensor> inputs_of(const Golden& golden, const std::string& name) {
  return testing::maps_and_table_of(golden, name, kLimit);
}

class MaskBranch : public ::testing::TestWithParam<const char*> {};

TEST_P(MaskBranch, IsTorchvisions) {
  const Golden golden("masks");
  const std::string kind = GetParam();
  for (const int opset : kOpsets) {
    Graph graph(opset);
    build(graph, golden, kind);
    for (const Optimise optimise : {Optimise::kNo, Optimise::kYes}) {
      const Session session = session_of(graph, optimise);
      for (const std::string name : {"some", "one", "second", "many"}) {
        SCOPED_TRACE(name + ", opset " + std::to_string(opset));
        const std::string expected = kind == "norm" ? "norm." : "plain.";
        expect_near(session.run(inputs_of(golden, name))[0], golden[expected + name + ".expected"],
                    2e-6F);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Weights, MaskBranch, ::testing::Values("plain", "old", "norm"));

TEST(MaskBranch, NoDetectionsGiveNoMasks) {
  const Golden golden("masks");
  for (const int opset : kOpsets) {
    Graph graph(opset);
    build(graph, golden, "norm");
    std::vector<Tensor> inputs = inputs_of(golden, "some");
    inputs.back() = make_bool_tensor({2, kLimit}, std::vector<std::uint8_t>(2 * kLimit));
    EXPECT_THAT(session_of(graph).run(inputs)[0].shape, ElementsAre(0, 1, 8, 8));
  }
}

}  // namespace
}  // namespace tv2onnx
