// The graph behind the backbone, fed with torchvision's own feature maps: what differs here is
// logic, not rounding that a network has amplified.

#include <gtest/gtest.h>

#include <ostream>
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

struct Map {
  std::string name;
  std::int64_t stride;
};
struct Recording {
  std::string name;
  std::string arch;
  std::vector<Map> maps;
};
void PrintTo(const Recording& recording, std::ostream* out) {
  *out << recording.name;
}

/// RPN and box head on feature maps and sizes that are inputs.
void build_heads(Graph& graph, const Checkpoint& weights, const Recording& recording) {
  const Model& model = find_model(recording.arch);
  Config config(model.options);
  config.take_from(weights);
  const WeightSource source = weights_of(weights);
  LoadReport load;
  const Scope scope(graph, source, load);
  std::vector<FeatureMap> levels;
  for (const auto& [map, stride] : recording.maps) {
    levels.push_back(
        {graph.add_input(map, DType::kFloat32, {"batch", kChannels, "height" + map, "width" + map}),
         stride, map});
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

class Features : public ::testing::TestWithParam<Recording> {};

TEST_P(Features, OfTorchvisionGiveItsDetections) {
  const RecordedFeatures data = recorded_features(GetParam().name);
  Graph graph(kDefaultOpset);
  build_heads(graph, data.weights, GetParam());
  const Session session = testing::session_of(graph, testing::Optimise::kYes);
  std::size_t compared = 0;
  for (const std::string& name : data.cases()) {
    const auto array = [&](const std::string& key) { return *data.arrays.find(name + "/" + key); };
    std::vector<Tensor> inputs;
    for (const Map& map : GetParam().maps) inputs.push_back(array("map." + map.name));
    for (const char* size : {"size", "padded", "original"}) inputs.push_back(array(size));
    const std::vector<Tensor> out = session.run(inputs);
    const Detections expected = detections_of(array("boxes"), array("labels"), array("scores"));
    const DetectionComparison result =
        compare(expected, detections_of(out[0], out[1], out[2]), {.box = 0.005, .score = 1e-5});
    EXPECT_TRUE(result.equal()) << name << ": " << result.reason();
    EXPECT_EQ(result.flips(), 0U) << name;
    compared += result.matched;
  }
  EXPECT_GE(compared, 100U);
}

const std::vector<Map> kMobileNet{{"0", 32}, {"1", 32}, {"pool", 64}};
const std::vector<Map> kResNet{{"0", 4}, {"1", 8}, {"2", 16}, {"3", 32}, {"pool", 64}};

INSTANTIATE_TEST_SUITE_P(
    Torchvision, Features,
    ::testing::Values(Recording{"large", "fasterrcnn_mobilenet_v3_large_fpn", kMobileNet},
                      Recording{"assembled", "fasterrcnn_mobilenet_v3_large_fpn", kMobileNet},
                      Recording{"resnet18", "fasterrcnn_resnet50_fpn", kResNet}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tv2onnx
