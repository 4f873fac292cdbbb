#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "doctor/rule.h"
#include "graph/ops.h"
#include "onnx/lower.h"
#include "onnx/write.h"
#include "support/files.h"
#include "support/foreign_model.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/onnx.h"

namespace tv2onnx::doctor {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// What rule D12 shows: "name = value   node".
std::vector<std::string> settings_in(Graph& graph) {
  const testing::TemporaryFolder folder;
  write_onnx(lower(graph), folder / "model.onnx", {});
  for (const Finding& finding : diagnose(folder / "model.onnx").findings) {
    if (finding.code == ErrorCode("D12")) return finding.evidence;
  }
  return {};
}

/// The post-processing of a one-stage model, as exporters write it.
void add_one_stage(Graph& graph) {
  const Value boxes = graph.add_input("boxes", DType::kFloat32, {Dim(1), Dim("n"), Dim(4)});
  const Value logits = graph.add_input("logits", DType::kFloat32, {Dim("n"), Dim(5)});
  const Value scores = softmax(logits, 1);
  const Value best = reshape(slice(scores, {.axis = 1, .start = 1, .end = 2}), {-1});
  const Value enough = greater(best, scalar_like(best, 0.02));
  graph.add_output(non_zero(enough), "kept", {Dim(1), Dim("k")});
  const Value kept = non_max_suppression(boxes, unsqueeze(best, {0, 1}), {.iou_threshold = 0.45F});
  graph.add_output(slice(kept, {.axis = 0, .start = 0, .end = 200}), "found", {Dim("m"), Dim(3)});
}

TEST(Settings, AreReadOffTheGraph) {
  Graph graph(17);
  add_one_stage(graph);
  const std::vector<std::string> found = settings_in(graph);
  EXPECT_THAT(found, Contains(StartsWith("score_thresh = 0.02")));
  EXPECT_THAT(found, Contains(StartsWith("nms_thresh = 0.45")));
  EXPECT_THAT(found, Contains(StartsWith("detections_per_img = 200")));
}

TEST(Settings, AreReadFromOurMetadata) {
  Graph graph(17);
  add_one_stage(graph);
  graph.metadata["tv2onnx.config"] = R"({"min_size":320,"box_nms_thresh":0.5})";
  EXPECT_EQ(settings_in(graph),
            (std::vector<std::string>{"min_size = 320", "box_nms_thresh = 0.5"}));
  graph.metadata["tv2onnx.config"] = "[damaged";
  EXPECT_THAT(settings_in(graph), Contains(StartsWith("nms_thresh = 0.45")));
}

TEST(Settings, DamagedFilesHaveNone) {
  testing::ForeignModel m;
  m.node("NonMaxSuppression", {"boxes", "scores", "", ""}, "kept");
  m.node("Ceil", {}, "whole");
  m.node("Greater", {"later"}, "enough");
  m.node("Relu", {"enough"}, "later");
  const Diagnosis diagnosis = examine(m.model, "damaged.onnx");
  EXPECT_TRUE(std::ranges::none_of(diagnosis.findings,
                                   [](const Finding& one) { return one.code == "D12"; }));
}

TEST(Settings, AreNotFoundInOtherNetworks) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {Dim("n"), Dim(8)});
  graph.add_output(softmax(x * 0.05, 1), "y", {Dim("n"), Dim(8)});
  EXPECT_THAT(settings_in(graph), IsEmpty());
}

}  // namespace
}  // namespace tv2onnx::doctor
