#include "nn/dense_detections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/ops.h"
#include "support/dense_golden.h"
#include "support/golden.h"
#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using testing::expect_near;
using testing::Golden;
using testing::kOpsets;
using testing::Optimise;
using testing::session_of;
using testing::dense::Case;
using testing::dense::kCases;
using testing::dense::kClasses;
using testing::dense::kGrids;

TransformedImages image_sizes(Graph& graph) {
  return {.x = {},
          .size = ints(graph, {92, 121}),
          .padded_size = ints(graph, {96, 128}),
          .original_size = {}};
}

/// A family: how it selects, and what its files have.
struct Family {
  std::string name;
  std::vector<std::int64_t> anchors;
  bool one_size;  ///< the sizes of the maps are numbers
  DetectionTable (*detect)(Graph& graph, const std::vector<DensePrediction>& levels,
                           DenseSpec spec);
};

std::vector<Tensor> bases(const AnchorSpec& spec) {
  std::vector<Tensor> base;
  for (std::size_t k = 0; k < spec.sizes.size(); ++k) {
    base.push_back(cell_anchors(spec.sizes[k], spec.aspect_ratios[k]));
  }
  return base;
}

const Family kRetinaNet{
    "retinanet", {6, 6, 6}, false, [](Graph& graph, const auto& levels, DenseSpec spec) {
      const std::vector<double> ratios{0.5, 1.0, 1.7};
      spec.nms_thresh = 0.5;
      return detect_on_anchors(levels,
                               bases({{{12, 20}, {30, 41}, {70, 90}}, {ratios, ratios, ratios}}),
                               image_sizes(graph), spec);
    }};

const Family kFcos{"fcos", {1, 1, 1}, false, [](Graph& graph, const auto& levels, DenseSpec spec) {
                     spec.nms_thresh = 0.6;
                     return detect_on_anchors(levels, bases({{{8}, {16}, {32}}, {{1}, {1}, {1}}}),
                                              image_sizes(graph), spec);
                   }};

const Family kSsd{"ssd", {4, 6, 2}, true, [](Graph& graph, const auto& levels, DenseSpec spec) {
                    const DefaultBoxSpec boxes{
                        {{2}, {2, 3}, {}}, {0.07, 0.35, 0.7, 1.05}, std::vector<double>{8, 17, 31}};
                    spec.nms_thresh = 0.45;
                    return detect_on_default_boxes(levels, default_boxes(boxes, kGrids, {92, 121}),
                                                   image_sizes(graph), spec);
                  }};

Value map_input(Graph& graph, const Family& family, const std::string& name, std::size_t level,
                std::int64_t columns) {
  const std::int64_t channels = family.anchors[level] * columns;
  const auto [height, width] = kGrids[level];
  return graph.add_input(name + std::to_string(level), DType::kFloat32,
                         family.one_size ? Dims{"batch", channels, height, width}
                                         : Dims{"batch", channels, Dim(), Dim()});
}

/// Inputs are all logits, all deltas and, for FCOS, all centernesses.
void build(Graph& graph, const Family& family, const Case& c) {
  std::vector<DensePrediction> levels(kGrids.size());
  const auto inputs = [&](const char* name, Value DensePrediction::*map, std::int64_t columns) {
    for (std::size_t k = 0; k < levels.size(); ++k) {
      levels[k].*map = map_input(graph, family, name, k, columns);
    }
  };
  for (std::size_t k = 0; k < levels.size(); ++k) {
    levels[k].anchors = family.anchors[k];
    levels[k].classes = kClasses;
  }
  inputs("logits", &DensePrediction::logits, kClasses);
  inputs("deltas", &DensePrediction::deltas, 4);
  if (family.name == "fcos") inputs("centerness", &DensePrediction::centerness, 1);
  const DetectionTable table = family.detect(
      graph, levels,
      {.score_thresh = 0.05, .detections_per_img = c.limit, .topk_candidates = c.top_n});
  detector_outputs(table, OutputMode::kFlat);
}

std::vector<Tensor> inputs_of(const Golden& golden, const Family& family, const Case& c) {
  std::vector<Tensor> inputs;
  const auto add = [&](const std::string& name) {
    for (const char* level : {".0", ".1", ".2"}) inputs.push_back(golden[name + level]);
  };
  add(c.name + ".logits");
  add("deltas");
  if (family.name == "fcos") add("centerness");
  return inputs;
}

/// Results of both images, one below the other.
Tensor stacked(const Golden& golden, const std::string& name) {
  const Tensor& first = golden[name + ".0"];
  const Tensor& second = golden[name + ".1"];
  std::vector<float> values = to_float(first);
  std::ranges::copy(to_float(second), std::back_inserter(values));
  Shape shape = first.shape;
  shape[0] += second.shape[0];
  return make_tensor(std::move(shape), std::move(values));
}

void PrintTo(const Family& family, std::ostream* out) {
  *out << family.name;
}

class DenseDetections : public ::testing::TestWithParam<Family> {};

TEST_P(DenseDetections, AreThoseOfTorchvisionInItsOrder) {
  const Family& family = GetParam();
  const Golden golden(family.name);
  for (const Case& c : kCases) {
    for (const int opset : kOpsets) {
      SCOPED_TRACE(c.name + ", opset " + std::to_string(opset));
      Graph graph(opset);
      build(graph, family, c);
      for (const Optimise optimise : {Optimise::kNo, Optimise::kYes}) {
        const auto found = session_of(graph, optimise).run(inputs_of(golden, family, c));
        expect_near(found[0], stacked(golden, c.name + ".boxes"), 1e-3F);
        expect_near(found[1], stacked(golden, c.name + ".scores"), 1e-6F);
        EXPECT_EQ(to_float(found[2]), to_float(stacked(golden, c.name + ".labels")));
      }
    }
  }
}

TEST_P(DenseDetections, ComeInTheOrderOfTheFamily) {
  Graph graph(17);
  build(graph, GetParam(), kCases[0]);
  std::vector<std::string> names;
  for (const std::uint32_t id : graph.outputs()) names.push_back(graph.info(id).name);
  EXPECT_THAT(names, ::testing::ElementsAre("boxes", "scores", "labels", "batch_index"));
}

INSTANTIATE_TEST_SUITE_P(Families, DenseDetections, ::testing::Values(kRetinaNet, kFcos, kSsd),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace tv2onnx
