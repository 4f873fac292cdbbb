// Scores of torchvision's segmentation models, against those that torchvision gave in double.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

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
  for (const int opset : {17, 11, 13, 16, 21}) {
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
  const Mutation mutations[] = {
      {"deeplabv3_mobilenet_v3_large", {{"dilated", false}}},
      {"deeplabv3_mobilenet_v3_large", {{"norm_eps", 1e-5}}},
      {"deeplabv3_mobilenet_v3_large", {{"atrous_rates", {12, 24, 35}}}},
      {"deeplabv3_resnet50", {{"atrous_rates", {6, 12, 18}}}},
      {"deeplabv3_resnet50", {{"replace_stride_with_dilation", {true, true, true}}}},
      {"lraspp_mobilenet_v3_large", {{"dilated", false}}}};
  for (const auto& [name, settings] : mutations) {
    const Json& one = task_case(name);
    const Session session = session_of(export_case(one, {}, settings));
    EXPECT_GT(compare_run(session, one["runs"].back()), 5) << name << settings.dump();
  }
}

}  // namespace
}  // namespace tv2onnx
