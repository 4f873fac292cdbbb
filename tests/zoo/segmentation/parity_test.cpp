// Scores of torchvision's segmentation models, against those that torchvision gave in double.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/designed_weights.h"
#include "support/task_golden.h"

namespace tv2onnx {
namespace {

using testing::compare_run;
using testing::export_case;
using testing::Json;
using testing::session_of;
using testing::task_case;

class SegmentationParity : public ::testing::TestWithParam<const char*> {};

TEST_P(SegmentationParity, ScoresAreTorchvisions) {
  const Json& one = task_case(GetParam());
  bool all_runs = true;
  for (const int opset : testing::opsets_of(one)) {
    const ExportedModel model = export_case(one, {.opset = opset});
    EXPECT_EQ(model.report.arch, one["builder"].get<std::string>());
    EXPECT_EQ(model.report.classes, 5);
    const Session session = session_of(model);
    for (const Json& run : one["runs"]) {
      EXPECT_LE(compare_run(session, run), 1) << opset;
      if (!all_runs) break;
    }
    all_runs = false;  // the first opset is enough
  }
}

INSTANTIATE_TEST_SUITE_P(AllPaths, SegmentationParity,
                         ::testing::Values("fcn_resnet50", "deeplabv3_resnet50",
                                           "deeplabv3_mobilenet_v3_large",
                                           "lraspp_mobilenet_v3_large"),
                         [](const auto& test) { return std::string(test.param); });

/// The golden must notice these: each gives plausible scores.
TEST(SegmentationParityMutations, AreSeen) {
  struct Mutation {
    const char* name;
    Json settings;
  };
  const std::vector<Mutation> mutations{
      {"deeplabv3_mobilenet_v3_large", {{"dilated", false}}},
      {"deeplabv3_mobilenet_v3_large", {{"norm_eps", 1e-5}}},
      {"deeplabv3_mobilenet_v3_large", {{"atrous_rates", {12, 24, 35}}}},
      {"deeplabv3_resnet50", {{"replace_stride_with_dilation", {true, true, true}}}},
      {"lraspp_mobilenet_v3_large", {{"dilated", false}}}};
  for (const auto& [name, settings] : mutations) {
    const Json& one = task_case(name);
    const Session session = session_of(export_case(one, {}, settings));
    EXPECT_GT(compare_run(session, one["runs"].back()), 5) << name << settings.dump();
  }
}

/// Bytes, each the class of the largest score, at the size of the input; nothing of the auxiliary
/// head.
TEST(SegmentationLabels, AreTheLargestScores) {
  const Json& one = task_case("deeplabv3_mobilenet_v3_large");
  const Tensor images = testing::designed_inputs({3, 3, 41, 58}, 1)[0];
  const Session scores = session_of(export_case(one, {}));
  const std::vector<float> logits = to_float(scores.run({images})[0]);
  const Session session = session_of(export_case(one, {.build = {.outputs = OutputMode::kLabels}}));
  ASSERT_EQ(session.outputs().size(), 1U);
  const Tensor labels = session.run({images})[0];
  ASSERT_EQ(labels.dtype, DType::kUInt8);
  ASSERT_EQ(labels.shape, (Shape{3, 41, 58}));
  const std::size_t pixels = 41 * 58;
  for (std::size_t k = 0; k < 3 * pixels; ++k) {
    const std::size_t first = k / pixels * 5 * pixels + k % pixels;
    std::size_t best = 0;
    for (std::size_t c = 1; c < 5; ++c) {
      if (logits[first + c * pixels] > logits[first + best * pixels]) best = c;
    }
    ASSERT_EQ(labels.as<std::uint8_t>()[k], best) << k;
  }
}

TEST(SegmentationLabels, OfPhotosAreOfTheirSize) {
  const Json& one = task_case("lraspp_mobilenet_v3_large");
  ExportOptions options{.overrides = {{"resize_size", {std::int64_t{40}}, "test"}}};
  const ExportedModel model = export_to_memory(testing::checkpoint_of_case(one), options);
  const Tensor photo = make_tensor({1, 60, 90, 3}, std::vector<std::uint8_t>(60 * 90 * 3, 99));
  EXPECT_EQ(session_of(model).run({photo})[0].shape, (Shape{1, 60, 90}));
}

TEST(SegmentationLabels, TheAuxiliaryHeadMayBeLeftOut) {
  const Json& one = task_case("deeplabv3_mobilenet_v3_large");
  EXPECT_EQ(session_of(export_case(one, {})).outputs().size(), 2U);
  EXPECT_EQ(session_of(export_case(one, {}, {{"aux_loss", false}})).outputs().size(), 1U);
}

}  // namespace
}  // namespace tv2onnx
