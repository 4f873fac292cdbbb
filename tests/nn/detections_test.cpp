#include "nn/detections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/ops.h"
#include "support/errors.h"
#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kOpsets;
using testing::message_of;
using testing::run_graph;

/// What detector_input makes of `image`.
Tensor prepared(InputMode mode, bool bgr, const Tensor& image, int opset = 17) {
  Graph graph(opset);
  graph.add_output(detector_input(graph, mode, bgr, 3), "y", {Dim(), 3, Dim(), Dim()});
  EXPECT_EQ(graph.info(graph.inputs()[0]).name, "input");
  return run_graph(graph, {image})[0];
}

/// Two images of 1 x 2 pixels; the second is 255 times as bright.
Tensor floats() {
  return make_tensor({2, 3, 1, 2}, std::vector<float>{0, 1, 0.2F, 0.4F, 0.6F, 0.8F,  //
                                                      0, 255, 51, 102, 153, 204});
}

TEST(DetectorInput, FloatIsTakenAsItIs) {
  const Tensor image = floats();
  EXPECT_EQ(to_float(prepared(InputMode::kFloat, false, image)), to_float(image));
  EXPECT_EQ(to_float(prepared(InputMode::kNormalized, false, image)), to_float(image));
}

TEST(DetectorInput, BgrIsSwapped) {
  EXPECT_THAT(to_float(prepared(InputMode::kFloat, true, floats())),
              ElementsAre(0.6F, 0.8F, 0.2F, 0.4F, 0, 1, 153, 204, 51, 102, 0, 255));
}

TEST(DetectorInput, AutoScalesEachImageByItself) {
  for (const int opset : kOpsets) {
    const std::vector<float> found = to_float(prepared(InputMode::kAuto, false, floats(), opset));
    EXPECT_THAT(found, ElementsAre(0, 1, 0.2F, 0.4F, 0.6F, 0.8F,  //
                                   0, 1, 0.2F, 0.4F, 0.6F, 0.8F));
  }
}

TEST(DetectorInput, Uint8IsPixelsInRowsDividedBy255) {
  const Tensor image =
      make_tensor({1, 2, 1, 3}, std::vector<std::uint8_t>{0, 51, 153, 255, 102, 204});
  for (const int opset : kOpsets) {
    const Tensor found = prepared(InputMode::kUint8, false, image, opset);
    EXPECT_THAT(found.shape, ElementsAre(1, 3, 2, 1));
    EXPECT_THAT(to_float(found), ElementsAre(0, 1, 0.2F, 0.4F, 0.6F, 0.8F));
  }
  EXPECT_THAT(to_float(prepared(InputMode::kUint8, true, image)),
              ElementsAre(0.6F, 0.8F, 0.2F, 0.4F, 0, 1));
}

DetectionTable table_of_three(Graph& graph) {
  DetectionTable table;
  table.boxes = graph.add_input("b", DType::kFloat32, {"batch", 3, 4});
  table.labels = graph.add_input("l", DType::kInt64, {"batch", 3});
  table.scores = graph.add_input("s", DType::kFloat32, {"batch", 3});
  table.valid = graph.add_input("v", DType::kBool, {"batch", 3});
  table.limit = 3;
  return table;
}

/// Outputs for two images with the given numbers of detections, of at most 3. Rows that do not
/// count hold what must not be seen.
std::vector<Tensor> outputs(OutputMode mode, int first, int second, int opset) {
  Graph graph(opset);
  const DetectionTable table = table_of_three(graph);
  detector_outputs(table, mode);
  std::vector<float> boxes(24);
  std::vector<float> scores(6);
  std::vector<std::int64_t> labels(6);
  std::vector<std::uint8_t> valid(6);
  for (int row = 0; row < 6; ++row) {
    const auto k = static_cast<std::size_t>(row);
    valid[k] = row % 3 < (row < 3 ? first : second) ? 1 : 0;
    labels[k] = valid[k] != 0 ? row + 1 : 77;
    scores[k] = valid[k] != 0 ? 0.5F : -1.0F;
    for (std::size_t side = 0; side < 4; ++side) {
      boxes[4 * k + side] = valid[k] != 0 ? static_cast<float>(row + 1) : 99.0F;
    }
  }
  return run_graph(graph, {make_tensor({2, 3, 4}, boxes), make_tensor({2, 3}, labels),
                           make_tensor({2, 3}, scores), make_bool_tensor({2, 3}, valid)});
}

TEST(DetectorOutputs, BatchedHasTheRowsOfTheFullestImage) {
  for (const int opset : kOpsets) {
    const auto found = outputs(OutputMode::kBatched, 2, 1, opset);
    ASSERT_EQ(found.size(), 4U);
    EXPECT_THAT(found[0].shape, ElementsAre(2, 2, 4));
    EXPECT_THAT(to_float(found[0]), ElementsAre(1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 0, 0, 0, 0));
    EXPECT_THAT(to_int64(found[1]), ElementsAre(1, 2, 4, 0));
    EXPECT_THAT(to_float(found[2]), ElementsAre(0.5, 0.5, 0.5, 0));
    EXPECT_THAT(to_int64(found[3]), ElementsAre(2, 1));
  }
}

TEST(DetectorOutputs, FixedAlwaysHasAllRows) {
  for (const int opset : kOpsets) {
    const auto found = outputs(OutputMode::kFixed, 0, 1, opset);
    EXPECT_THAT(found[0].shape, ElementsAre(2, 3, 4));
    EXPECT_THAT(to_int64(found[1]), ElementsAre(0, 0, 0, 4, 0, 0));
    EXPECT_THAT(to_float(found[2]), ElementsAre(0, 0, 0, 0.5, 0, 0));
    EXPECT_THAT(to_int64(found[3]), ElementsAre(0, 1));
  }
}

TEST(DetectorOutputs, FlatNamesTheImageOfEachRow) {
  for (const int opset : kOpsets) {
    const auto found = outputs(OutputMode::kFlat, 2, 1, opset);
    EXPECT_THAT(to_float(found[0]), ElementsAre(1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4));
    EXPECT_THAT(to_int64(found[1]), ElementsAre(1, 2, 4));
    EXPECT_THAT(to_float(found[2]), ElementsAre(0.5, 0.5, 0.5));
    EXPECT_THAT(to_int64(found[3]), ElementsAre(0, 0, 1));
  }
}

/// Outputs for two images with `first` and one detections of at most 3, whose masks of 1 x 2 pixels
/// are numbered from 1.
std::vector<Tensor> outputs_with_masks(OutputMode mode, int first, int opset) {
  Graph graph(opset);
  const DetectionTable table = table_of_three(graph);
  const Value masks = graph.add_input("m", DType::kFloat32, {Dim(), 1, 2});
  detector_outputs(table, mode, {{"masks", masks, {1, 2}}});
  std::vector<float> pixels;
  for (int k = 1; k <= 2 * (first + 1); ++k) pixels.push_back(static_cast<float>(k));
  std::vector<std::uint8_t> valid{0, 0, 0, 1, 0, 0};
  std::fill_n(valid.begin(), first, 1);
  return run_graph(graph,
                   {make_tensor({2, 3, 4}, std::vector<float>(24)),
                    make_tensor({2, 3}, std::vector<std::int64_t>(6)),
                    make_tensor({2, 3}, std::vector<float>(6)), make_bool_tensor({2, 3}, valid),
                    make_tensor({first + 1, 1, 2}, pixels)});
}

TEST(DetectorOutputs, PartsOfDetectionsAreWhereTheirBoxesAre) {
  for (const int opset : kOpsets) {
    const auto batched = outputs_with_masks(OutputMode::kBatched, 2, opset);
    EXPECT_THAT(batched[3].shape, ElementsAre(2, 2, 1, 2));
    EXPECT_THAT(to_float(batched[3]), ElementsAre(1, 2, 3, 4, 5, 6, 0, 0));
    const auto fixed = outputs_with_masks(OutputMode::kFixed, 0, opset);
    EXPECT_THAT(fixed[3].shape, ElementsAre(2, 3, 1, 2));
    EXPECT_THAT(to_float(fixed[3]), ElementsAre(0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0));
    const auto flat = outputs_with_masks(OutputMode::kFlat, 1, opset);
    EXPECT_THAT(flat[3].shape, ElementsAre(2, 1, 2));
    EXPECT_THAT(to_float(flat[3]), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(to_int64(flat[4]), ElementsAre(0, 1));
  }
}

TEST(DetectorOutputs, NoDetectionsAreAnOrdinaryResult) {
  for (const int opset : kOpsets) {
    EXPECT_THAT(outputs(OutputMode::kBatched, 0, 0, opset)[0].shape, ElementsAre(2, 0, 4));
    EXPECT_THAT(to_int64(outputs(OutputMode::kBatched, 0, 0, opset)[3]), Each(0));
    EXPECT_THAT(to_float(outputs(OutputMode::kFixed, 0, 0, opset)[0]), Each(0.0F));
    EXPECT_THAT(outputs(OutputMode::kFlat, 0, 0, opset)[0].shape, ElementsAre(0, 4));
    EXPECT_THAT(outputs(OutputMode::kFlat, 0, 0, opset)[3].shape, ElementsAre(0));
  }
}

TEST(ForegroundClasses, OfTheBackgroundAloneAreRefused) {
  EXPECT_EQ(foreground_classes(2, "w"), 1);
  for (const std::int64_t classes : {0, 1}) {
    const std::string message = message_of([&] { foreground_classes(classes, "w"); });
    EXPECT_THAT(message, HasSubstr("error[W003]"));
    EXPECT_THAT(message, HasSubstr("num_classes"));
  }
}

}  // namespace
}  // namespace tv2onnx
