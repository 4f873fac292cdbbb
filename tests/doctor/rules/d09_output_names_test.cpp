#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "doctor/rules/rules.h"
#include "support/sketch.h"

namespace tv2onnx::doctor {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Sketch;

const OnnxValueInfo::Dim kOpen{-1, "n"};

struct Output {
  std::string name;
  std::vector<OnnxValueInfo::Dim> dims;
  DType dtype = DType::kFloat32;
};

/// The end of a detector: boxes multiplied by the ratios of the image, and what comes with them.
Sketch detector(const std::string& boxes, const std::vector<Output>& others) {
  Sketch sketch;
  sketch.input("small", {kOpen, {4, ""}});
  std::vector<std::string> columns;
  for (const char* column : {"0", "1", "2", "3"}) {
    const std::string name = std::string("column") + column;
    sketch.input(name + "_index", {{1, ""}}, DType::kInt64).input(name + "_ratio", {{1, ""}});
    sketch.node("Gather", {"small", name + "_index"}, {name});
    sketch.node("Mul", {name, name + "_ratio"}, {name + "_large"});
    columns.push_back(name + "_large");
  }
  sketch.node("Concat", columns, {boxes}).output(boxes, {kOpen, {4, ""}});
  for (const Output& other : others) {
    sketch.node("Shape", {"small"}, {other.name}).output(other.name, other.dims, other.dtype);
  }
  return sketch;
}

std::vector<std::string> names_after_repair(Sketch sketch) {
  RuleContext context(sketch.model);
  if (!output_names().examine(context).empty()) output_names().repair(context);
  std::vector<std::string> names;
  for (const OnnxValueInfo& output : sketch.model.graph.outputs) names.push_back(output.name);
  return names;
}

TEST(OutputNames, NumbersBecomeNames) {
  EXPECT_THAT(names_after_repair(detector(
                  "2206", {{"2207", {kOpen}, DType::kInt64}, {"/heads/Gather_2", {kOpen}}})),
              ElementsAre("boxes", "labels", "scores"));
}

TEST(OutputNames, NamesOfOtherRolesAreCorrected) {
  EXPECT_THAT(names_after_repair(
                  detector("boxes", {{"scores", {kOpen}, DType::kInt64}, {"labels", {kOpen}}})),
              ElementsAre("boxes", "labels", "scores"));
}

TEST(OutputNames, ThoseOfOnesOwnStay) {
  const std::vector<Output> standard{{"2207", {kOpen}, DType::kInt64}, {"2208", {kOpen}}};
  const auto with = [&](Output other) {
    std::vector<Output> all = standard;
    all.push_back(std::move(other));
    return names_after_repair(detector("dets", all));
  };
  EXPECT_THAT(with({"embeddings", {kOpen, {256, ""}}}),
              ElementsAre("dets", "labels", "scores", "embeddings"))
      << "scores of keypoints are only beside keypoints";
  EXPECT_THAT(with({"features", {kOpen, kOpen, kOpen}}),
              ElementsAre("dets", "labels", "scores", "features"));
  EXPECT_THAT(with({"silhouettes", {kOpen, {1, ""}, kOpen, kOpen}}),
              ElementsAre("dets", "labels", "scores", "silhouettes"));
}

TEST(OutputNames, AWordOfARoleInANameIsNotItsRole) {
  const std::vector<Output> standard{{"labels", {kOpen}, DType::kInt64}, {"scores", {kOpen}}};
  for (const char* own : {"class_logits", "box_features", "scores_per_class", "mask_embeddings"}) {
    std::vector<Output> all = standard;
    all.push_back({own, {kOpen, {91, ""}}});
    EXPECT_THAT(names_after_repair(detector("boxes", all)),
                ElementsAre("boxes", "labels", "scores", own));
  }
  // Planes for each box are masks by their shape alone.
  std::vector<Output> all = standard;
  all.push_back({"prob_map", {kOpen, {1, ""}, kOpen, kOpen}});
  EXPECT_THAT(names_after_repair(detector("boxes", all)),
              ElementsAre("boxes", "labels", "scores", "prob_map"));
}

TEST(OutputNames, WhatIsPutAroundARoleDoesNotCount) {
  EXPECT_THAT(names_after_repair(detector("pred_boxes", {{"det_scores", {kOpen}, DType::kInt64},
                                                         {"Pred_Classes.1", {kOpen}}})),
              ElementsAre("pred_boxes", "labels", "scores"));
}

TEST(OutputNames, ANameThatIsTakenIsNotGivenAgain) {
  // Probabilities of all classes, which somebody called scores.
  EXPECT_THAT(names_after_repair(detector("boxes", {{"2207", {kOpen}, DType::kInt64},
                                                    {"2208", {kOpen}},
                                                    {"scores", {kOpen, {91, ""}}}})),
              ElementsAre("boxes", "2207", "2208", "scores"));
}

TEST(OutputNames, ScoresOfKeypointsGetTheirName) {
  EXPECT_THAT(names_after_repair(detector("1", {{"2", {kOpen}, DType::kInt64},
                                                {"3", {kOpen}},
                                                {"4", {kOpen, {17, ""}, {3, ""}}},
                                                {"5", {kOpen, {17, ""}}}})),
              ElementsAre("boxes", "labels", "scores", "keypoints", "keypoints_scores"));
}

TEST(OutputNames, NothingIsSaidWhereEveryNameIsOnesOwn) {
  Sketch sketch = detector("dets", {{"ids", {kOpen}, DType::kInt64}, {"certainty", {kOpen}}});
  EXPECT_THAT(output_names().examine(RuleContext(sketch.model)), IsEmpty());
}

}  // namespace
}  // namespace tv2onnx::doctor
