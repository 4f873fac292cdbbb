// Heads and selection of one-stage models, fed with torchvision's own feature maps.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "graph/ops.h"
#include "live/features.h"
#include "nn/dense_heads.h"
#include "nn/detections.h"
#include "support/run_graph.h"
#include "tv2onnx/verify.h"
#include "zoo/detection/one_stage.h"
#include "zoo/detection/ssd.h"

namespace tv2onnx {
namespace {

using testing::detections_of;
using testing::recorded_features;
using testing::RecordedFeatures;

DetectionTable retinanet(Scope s, const OneStage& found, const Config& config) {
  return detect_with(retinanet_head, s, found, config);
}
DetectionTable fcos(Scope s, const OneStage& found, const Config& config) {
  return detect_with(fcos_head, s, found, config);
}

struct Variant {
  std::string name;
  std::string arch;
  DetectionTable (*detect)(Scope s, const OneStage& found, const Config& config);
  std::vector<std::string> maps;
  bool one_size = false;  ///< all images have maps of one size
  std::size_t at_least = 80;
};

void PrintTo(const Variant& variant, std::ostream* out) {
  *out << variant.name;
}

Value map_input(Graph& graph, const Variant& variant, const std::string& map, const Shape& shape) {
  if (variant.one_size) {
    return graph.add_input(map, DType::kFloat32, {"batch", shape[1], shape[2], shape[3]});
  }
  return graph.add_input(map, DType::kFloat32, {"batch", shape[1], "height" + map, "width" + map});
}

/// Everything behind the backbone; inputs are the maps and the sizes.
void build_rest(Graph& graph, const Variant& variant, const RecordedFeatures& data) {
  Config config(find_model(variant.arch).options);
  config.take_from(data.weights);
  const WeightSource source = weights_of(data.weights);
  LoadReport load;
  OneStage found;
  const std::string first = *data.cases().begin();
  for (const std::string& map : variant.maps) {
    const Shape& shape = data.arrays.find(first + "/map." + map)->shape;
    found.maps.push_back({map_input(graph, variant, map, shape), 1, map});
  }
  found.images.size = graph.add_input("size", DType::kInt64, {2});
  found.images.padded_size = graph.add_input("padded", DType::kInt64, {2});
  found.images.original_size = graph.add_input("original", DType::kInt64, {2});
  const DetectionTable table = variant.detect(Scope(graph, source, load), found, config);
  detector_outputs(in_input_pixels(table, found.images), OutputMode::kFlat);
  ASSERT_TRUE(load.problems.empty());
}

class DenseFeatures : public ::testing::TestWithParam<Variant> {};

TEST_P(DenseFeatures, OfTorchvisionGiveItsDetections) {
  const Variant& variant = GetParam();
  const RecordedFeatures data = recorded_features(variant.name);
  Graph graph(kDefaultOpset);
  build_rest(graph, variant, data);
  const Session session = testing::session_of(graph, testing::Optimise::kYes);
  std::size_t compared = 0;
  for (const std::string& name : data.cases()) {
    const auto array = [&](const std::string& key) { return *data.arrays.find(name + "/" + key); };
    std::vector<Tensor> inputs;
    for (const std::string& map : variant.maps) inputs.push_back(array("map." + map));
    for (const char* size : {"size", "padded", "original"}) inputs.push_back(array(size));
    const std::vector<Tensor> out = session.run(inputs);
    const Detections expected = detections_of(array("boxes"), array("labels"), array("scores"));
    const DetectionComparison result =
        compare(expected, detections_of(out[0], out[2], out[1]), {.box = 0.005, .score = 1e-5});
    EXPECT_TRUE(result.equal()) << name << ": " << result.reason();
    EXPECT_EQ(result.flips(), 0U) << name;
    compared += result.matched;
  }
  EXPECT_GE(compared, variant.at_least);
}

const std::vector<std::string> kPyramid{"0", "1", "2", "p6", "p7"};
const std::vector<std::string> kSix{"0", "1", "2", "3", "4", "5"};

INSTANTIATE_TEST_SUITE_P(
    Torchvision, DenseFeatures,
    ::testing::Values(
        Variant{"retinanet", "retinanet_resnet50_fpn", retinanet, kPyramid},
        Variant{"retinanet_v2", "retinanet_resnet50_fpn_v2", retinanet, kPyramid},
        Variant{"fcos", "fcos_resnet50_fpn", fcos, kPyramid, false, 50},
        Variant{"fcos_assembled", "fcos_resnet50_fpn", fcos, {"0", "1", "2", "3", "p6", "p7"}},
        Variant{"ssd_assembled", "ssd300_vgg16", ssd_detections, kSix, true},
        Variant{"ssdlite", "ssdlite320_mobilenet_v3_large", ssd_detections, kSix, true}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace tv2onnx
