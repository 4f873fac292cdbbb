#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "doctor/rules/rules.h"
#include "rewrite/edit.h"
#include "support/sketch.h"

namespace tv2onnx::doctor {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Sketch;

const OnnxValueInfo::Dim kOpen{-1, "open"};

Sketch network(const OnnxValueInfo::Dim& side) {
  Sketch sketch;
  sketch.input("image", {{1, ""}, {3, ""}, side, side})
      .node("Relu", {"image"}, {"inner"})
      .node("NonZero", {"inner"}, {"found"})
      .output("found", {{4, ""}, kOpen}, DType::kInt64);
  sketch.model.graph.value_infos = {
      Sketch::value("inner", DType::kFloat32, {{1, ""}, {3, ""}, {480, ""}, {640, ""}})};
  return sketch;
}

TEST(StaleShapes, SizesOfAnImageOfAnySize) {
  Sketch sketch = network(kOpen);
  RuleContext context(sketch.model);
  const std::vector<Finding> findings = stale_shapes().examine(context);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_THAT(findings[0].evidence.back(), HasSubstr("480x640"));
  stale_shapes().repair(context);
  EXPECT_THAT(sketch.model.graph.value_infos, IsEmpty());
  EXPECT_THAT(stale_shapes().examine(RuleContext(sketch.model)), IsEmpty());
}

TEST(StaleShapes, StatedSizesOfAStatedInputAreFine) {
  Sketch sketch = network({480, ""});
  EXPECT_THAT(stale_shapes().examine(RuleContext(sketch.model)), IsEmpty());
}

TEST(StaleShapes, RowsThatDependOnWhatIsFound) {
  Sketch sketch;
  sketch.input("scores", {kOpen})
      .node("NonZero", {"scores"}, {"nonzero"})
      .node("Transpose", {"nonzero"}, {"index"})
      .output("index", {{100, ""}, {1, ""}}, DType::kInt64);
  RuleContext context(sketch.model);
  ASSERT_EQ(stale_shapes().examine(context).size(), 1U);
  stale_shapes().repair(context);
  EXPECT_EQ((*sketch.model.graph.outputs[0].dims)[0].value, -1);
  EXPECT_THAT(stale_shapes().examine(RuleContext(sketch.model)), IsEmpty());
}

}  // namespace
}  // namespace tv2onnx::doctor
