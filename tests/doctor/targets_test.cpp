#include "doctor/targets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "graph/ops.h"
#include "support/errors.h"
#include "support/files.h"
#include "support/run_tool.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/onnx.h"

namespace tv2onnx {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(Targets, EveryRowHasAReasonARemedyAndASource) {
  std::set<std::string_view> names;
  for (const doctor::TargetTable& table : doctor::targets()) {
    names.insert(table.name);
    EXPECT_GE(table.refusals.size(), 4U) << table.name;
    for (const doctor::Refusal& row : table.refusals) {
      EXPECT_FALSE(row.why.empty()) << row.op;
      EXPECT_FALSE(row.remedy.empty()) << row.op;
      EXPECT_THAT(std::string(row.source), StartsWith("https://")) << row.op;
    }
  }
  EXPECT_THAT(names, ElementsAre("opencv", "openvino", "ort-web", "tensorrt"));
}

/// Two suppressions, a RoiAlign and a NonZero.
std::filesystem::path detector_like(const testing::TemporaryFolder& folder) {
  Graph graph(17);
  const Value boxes = graph.add_input("boxes", DType::kFloat32, {Dim(1), Dim("n"), Dim(4)});
  const Value scores = graph.add_input("scores", DType::kFloat32, {Dim(1), Dim(1), Dim("n")});
  const Value first = non_max_suppression(boxes, scores, {.iou_threshold = 0.7F});
  const Value second = non_max_suppression(boxes, scores, {.iou_threshold = 0.5F});
  graph.add_output(first, "first", {Dim("a"), Dim(3)});
  graph.add_output(second, "second", {Dim("b"), Dim(3)});
  graph.add_output(non_zero(scores), "third", {Dim(3), Dim("c")});
  write_onnx(graph, folder / "model.onnx", {});
  return folder / "model.onnx";
}

TEST(Targets, NameEveryOffendingNode) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path path = detector_like(folder);
  const auto refused = [&](const std::string& target) {
    std::vector<Finding> found;
    for (Finding& finding : diagnose(path, {.target = target}).findings) {
      if (finding.code == "D13") found.push_back(std::move(finding));
    }
    return found;
  };
  const std::vector<Finding> opencv = refused("opencv");
  ASSERT_THAT(opencv, SizeIs(3));  // dynamic input, NonMaxSuppression, NonZero
  EXPECT_THAT(opencv[1].what, HasSubstr("NonMaxSuppression"));
  EXPECT_THAT(opencv[1].evidence, SizeIs(2));
  EXPECT_THAT(opencv[1].source, HasSubstr("/issues/23298"));
  EXPECT_THAT(opencv[2].evidence, Contains(HasSubstr("NonZero")));
  EXPECT_THAT(refused("tensorrt"), SizeIs(0));
  EXPECT_THAT(refused("openvino"), SizeIs(0));
  const std::vector<Finding> web = refused("ort-web");
  ASSERT_THAT(web, SizeIs(2));
  EXPECT_EQ(web[0].damage, Damage::kInformation);
  EXPECT_THAT(refused(""), SizeIs(0));
}

TEST(Targets, AreSpelledRight) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path path = detector_like(folder);
  const auto error = testing::error_of([&] { diagnose(path, {.target = "tensort"}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code().name(), "U001");
  EXPECT_THAT(std::string(error->what()), HasSubstr("did you mean tensorrt?"));
  const auto answer = testing::run_tool("doctor --target opencv " + path.string());
  EXPECT_EQ(answer.exit_code, 1) << answer.err;
  EXPECT_THAT(answer.out, HasSubstr("source   https://github.com/opencv/opencv/issues/23298"));
}

}  // namespace
}  // namespace tv2onnx
