#include "nn/roi_heads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "graph/ops.h"
#include "support/golden.h"
#include "support/run_graph.h"

namespace tv2onnx {
namespace {

using ::testing::FloatNear;
using testing::Golden;
using testing::kOpsets;
using testing::Optimise;
using ::testing::Pointwise;
using testing::session_of;

constexpr std::int64_t kLimit = 100;

LoadReport build(Graph& graph, const Golden& golden, bool constant_counts) {
  std::vector<FeatureMap> maps;
  for (const std::int64_t stride : {4, 8, 16}) {
    const std::string name = "map" + std::to_string(maps.size());
    maps.push_back({graph.add_input(name, DType::kFloat32, {"batch", 4, Dim(), Dim()}), stride});
  }
  Proposals proposals;
  proposals.boxes = graph.add_input("proposals", DType::kFloat32, {"batch", "proposals", 4});
  proposals.valid = graph.add_input("valid", DType::kBool, {"batch", "proposals"});
  proposals.count = size_of(proposals.boxes, 1);
  const Value size = ints(graph, {256, 320});
  const TransformedImages images{.x = {}, .size = size, .padded_size = size, .original_size = size};
  const WeightSource source = golden.weights("");
  LoadReport report;
  const DetectionTable table =
      detect_boxes(Scope(graph, source, report) / "roi_heads", maps, proposals, images,
                   {.pool = {.output_height = 3, .output_width = 3, .sampling_ratio = 2},
                    .detections_per_img = kLimit,
                    .constant_counts = constant_counts});
  graph.add_output(table.boxes, "boxes", {"batch", kLimit, 4});
  graph.add_output(table.labels, "labels", {"batch", kLimit});
  graph.add_output(table.scores, "scores", {"batch", kLimit});
  graph.add_output(table.valid, "valid_rows", {"batch", kLimit});
  return report;
}

/// Proposals of both images, filled up with rows that do not count.
std::vector<Tensor> inputs_of(const Golden& golden, const std::string& name) {
  const std::vector<Tensor> lists{golden[name + ".proposals.0"], golden[name + ".proposals.1"]};
  const std::int64_t rows = std::max({lists[0].shape[0], lists[1].shape[0], std::int64_t{1}});
  std::vector<float> boxes;
  std::vector<std::uint8_t> valid;
  for (const Tensor& list : lists) {
    std::vector<float> values = to_float(list);
    values.resize(static_cast<std::size_t>(rows * 4));
    boxes.insert(boxes.end(), values.begin(), values.end());
    for (std::int64_t row = 0; row < rows; ++row) valid.push_back(row < list.shape[0] ? 1 : 0);
  }
  return {golden["map.0"], golden["map.1"], golden["map.2"],
          make_tensor({2, rows, 4}, std::move(boxes)),
          make_bool_tensor({2, rows}, std::move(valid))};
}

template <typename T>
std::vector<T> first_rows(const std::vector<T>& values, std::size_t image, std::size_t width,
                          std::int64_t rows) {
  const auto start = values.begin() + static_cast<std::ptrdiff_t>(image * kLimit * width);
  return {start, start + static_cast<std::ptrdiff_t>(width) * rows};
}

void expect_detections(const std::vector<Tensor>& results, const Golden& golden,
                       const std::string& name) {
  for (const std::size_t image : {0U, 1U}) {
    SCOPED_TRACE(name + ", image " + std::to_string(image));
    const std::string suffix = "." + std::to_string(image);
    const Tensor& labels = golden[name + ".labels" + suffix];
    const std::int64_t count = labels.shape[0];
    std::vector<std::int64_t> valid(static_cast<std::size_t>(kLimit));
    std::fill_n(valid.begin(), count, 1);
    EXPECT_EQ(first_rows(to_int64(results[3]), image, 1, kLimit), valid);
    EXPECT_EQ(first_rows(to_int64(results[1]), image, 1, count), to_int64(labels));
    EXPECT_THAT(first_rows(to_float(results[0]), image, 4, count),
                Pointwise(FloatNear(2e-3F), to_float(golden[name + ".boxes" + suffix])));
    EXPECT_THAT(first_rows(to_float(results[2]), image, 1, count),
                Pointwise(FloatNear(1e-5F), to_float(golden[name + ".scores" + suffix])));
  }
}

class RoiHeads : public ::testing::TestWithParam<bool> {};  // constant_counts

INSTANTIATE_TEST_SUITE_P(Counts, RoiHeads, ::testing::Bool());

TEST_P(RoiHeads, DetectionsAreThoseOfTorchvision) {
  const Golden golden("detections");
  for (const int opset : kOpsets) {
    SCOPED_TRACE("opset " + std::to_string(opset));
    Graph graph(opset);
    EXPECT_TRUE(build(graph, golden, GetParam()).problems.empty());
    for (const Optimise optimise : {Optimise::kNo, Optimise::kYes}) {
      const Session session = session_of(graph, optimise);
      for (const std::string name : {"few", "many", "empty", "none"}) {
        expect_detections(session.run(inputs_of(golden, name)), golden, name);
      }
    }
  }
}

}  // namespace
}  // namespace tv2onnx
