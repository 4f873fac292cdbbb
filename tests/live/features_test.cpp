// The graph behind the backbone, fed with torchvision's own feature maps: what differs here is
// logic, not rounding that a network has amplified.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "graph/ops.h"
#include "live/features.h"
#include "nn/detections.h"
#include "support/run_graph.h"
#include "tv2onnx/verify.h"
#include "zoo/detection/options.h"

namespace tv2onnx {
namespace {

using testing::detections_of;
using testing::recorded_features;
using testing::RecordedFeatures;

constexpr std::int64_t kChannels = 256;
const std::vector<std::string> kMaps{"0", "1", "pool"};

/// RPN and box head on feature maps and sizes that are inputs.
void build_heads(Graph& graph, const Checkpoint& weights) {
  const Model& model = find_model("fasterrcnn_mobilenet_v3_large_fpn");
  Config config(model.options);
  config.take_from(weights);
  const WeightSource source = weights_of(weights);
  LoadReport load;
  const Scope scope(graph, source, load);
  std::vector<FeatureMap> levels;
  for (const std::string& map : kMaps) {
    levels.push_back(
        {graph.add_input(map, DType::kFloat32, {"batch", kChannels, "height" + map, "width" + map}),
         map == "pool" ? 64 : 32, map});
  }
  TransformedImages images;
  images.size = graph.add_input("size", DType::kInt64, {2});
  images.padded_size = graph.add_input("padded", DType::kInt64, {2});
  images.original_size = graph.add_input("original", DType::kInt64, {2});
  const Proposals proposals = region_proposals(scope / "rpn", levels, images, rpn_spec(config));
  const DetectionTable table =
      detect_boxes(scope / "roi_heads", pooled_maps(levels, config, "box_roi_pool"), proposals,
                   images, box_head_spec(config));
  detector_outputs(in_input_pixels(table, images), OutputMode::kFlat);
  ASSERT_TRUE(load.problems.empty());
}

class Features : public ::testing::TestWithParam<const char*> {};

TEST_P(Features, OfTorchvisionGiveItsDetections) {
  const RecordedFeatures data = recorded_features(GetParam());
  Graph graph(kDefaultOpset);
  build_heads(graph, data.weights);
  const Session session = testing::session_of(graph, testing::Optimise::kYes);
  std::size_t compared = 0;
  for (const std::string& name : data.cases()) {
    const auto array = [&](const std::string& key) { return *data.arrays.find(name + "/" + key); };
    const std::vector<Tensor> out =
        session.run({array("map.0"), array("map.1"), array("map.pool"), array("size"),
                     array("padded"), array("original")});
    const Detections expected = detections_of(array("boxes"), array("labels"), array("scores"));
    const DetectionComparison result =
        compare(expected, detections_of(out[0], out[1], out[2]), {.box = 0.005, .score = 1e-5});
    EXPECT_TRUE(result.equal()) << name << ": " << result.reason();
    EXPECT_EQ(result.flips(), 0U) << name;
    compared += result.matched;
  }
  EXPECT_GE(compared, 100U);
}

INSTANTIATE_TEST_SUITE_P(Torchvision, Features, ::testing::Values("large", "assembled"));

}  // namespace
}  // namespace tv2onnx
