// Only what is provably the same is inlined.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "doctor/rules/rules.h"
#include "rewrite/edit.h"
#include "support/files.h"
#include "support/sketch.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx::doctor {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::save;
using testing::Sketch;

/// If(columns of x == 1) {Squeeze(x, 1) | Identity(x)}, x with one column or as many as the input.
Sketch squeezing_if(bool one_column) {
  Sketch squeeze;
  squeeze.node("Squeeze", {"x"}, {"squeezed"}, {integers_attribute("axes", {1})})
      .output("squeezed");
  Sketch identity;
  identity.node("Identity", {"x"}, {"kept"}).output("kept");
  Sketch sketch(11);
  sketch.input("image", {{-1, "n"}, {-1, "m"}})
      .constant("first", make_tensor({1}, std::vector<std::int64_t>{0}))
      .constant("one", make_tensor({1}, std::vector<std::int64_t>{1}));
  if (one_column) {
    sketch.node("Gather", {"image", "first"}, {"x"}, {integer_attribute("axis", 1)});
  } else {
    sketch.node("Abs", {"image"}, {"x"});
  }
  sketch.node("Shape", {"x"}, {"shape"})
      .node("Gather", {"shape", "one"}, {"columns"}, {integer_attribute("axis", 0)})
      .node("Equal", {"columns", "one"}, {"is one"})
      .node("If", {"is one"}, {"y"},
            {Sketch::branch("then_branch", squeeze), Sketch::branch("else_branch", identity)})
      .output("y", {{-1, "n"}});
  return sketch;
}

bool has_if(const OnnxModel& model) {
  return std::ranges::count(model.graph.nodes, "If", &OnnxNode::op) > 0;
}

/// The one thing that is wrong is found, and mended.
void expect_mended(OnnxModel& model) {
  RuleContext context(model);
  const std::vector<Finding> findings = control_flow().examine(context);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_TRUE(findings[0].repairable);
  control_flow().repair(context);
  EXPECT_FALSE(has_if(model));
}

TEST(ControlFlow, OneColumnIsSqueezed) {
  Sketch sketch = squeezing_if(true);
  expect_mended(sketch.model);
  EXPECT_EQ(sketch.model.graph.nodes.back().op, "Squeeze");
  EXPECT_EQ(sketch.model.graph.nodes.back().outputs[0], "y");
}

TEST(ControlFlow, AnIfThatDecidesStays) {
  Sketch sketch = squeezing_if(false);
  RuleContext context(sketch.model);
  EXPECT_TRUE(control_flow().examine(context).empty());  // and it is no detector
  control_flow().repair(context);
  EXPECT_TRUE(has_if(sketch.model));
}

Tensor integers(std::vector<std::int64_t> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return make_tensor({count}, std::move(values));
}

/// The branch of batched_nms in which there are boxes: they are moved apart by class.
Sketch suppression() {
  Sketch suppress(11);
  suppress.node("ReduceMax", {"boxes"}, {"largest"}, {integer_attribute("keepdims", 0)})
      .node("Cast", {"classes"}, {"classes as float"}, {integer_attribute("to", 1)})
      .node("Add", {"largest", "one"}, {"distance"})
      .node("Mul", {"classes as float", "distance"}, {"offsets"})
      .node("Slice", {"offsets", "first", "end", "first"}, {"sliced"})
      .node("Unsqueeze", {"sliced"}, {"column"}, {integers_attribute("axes", {1})})
      .node("Add", {"boxes", "column"}, {"moved"})
      .node("Unsqueeze", {"moved"}, {"nms boxes"}, {integers_attribute("axes", {0})})
      .node("Unsqueeze", {"scores"}, {"nms scores"}, {integers_attribute("axes", {0, 1})})
      .node("NonMaxSuppression", {"nms boxes", "nms scores", "most", "overlap"}, {"selected"})
      .node("Gather", {"selected", "second"}, {"index"}, {integer_attribute("axis", 1)})
      .node("Squeeze", {"index"}, {"indices"}, {integers_attribute("axes", {1})})
      .output("indices", {{-1, "n"}}, DType::kInt64);
  return suppress;
}

/// batched_nms as torch 2 writes it: a branch of its own for no boxes, else boxes are moved apart
/// by class. Gives the indices of those kept.
Sketch batched_nms() {
  Sketch empty(11);
  empty.node("Constant", {}, {"nothing"}, {Sketch::constant_value(integers({}))})
      .output("nothing", {{-1, "n"}}, DType::kInt64);
  Sketch sketch(11);
  sketch.input("boxes", {{-1, "n"}, {4, ""}})
      .input("scores", {{-1, "n"}})
      .input("classes", {{-1, "n"}}, DType::kInt64)
      .constant("one", make_tensor({}, std::vector<float>{1}))
      .constant("first", integers({0}))
      .constant("second", integers({2}))
      .constant("end", integers({std::numeric_limits<std::int64_t>::max()}))
      .constant("most", integers({100}))
      .constant("overlap", make_tensor({1}, std::vector<float>{0.5F}))
      .constant("zero", make_tensor({}, std::vector<std::int64_t>{0}))
      .node("Shape", {"boxes"}, {"shape"})
      .node("ReduceProd", {"shape"}, {"count"}, {integer_attribute("keepdims", 0)})
      .node("Equal", {"count", "zero"}, {"is empty"})
      .node("If", {"is empty"}, {"kept"},
            {Sketch::branch("then_branch", empty), Sketch::branch("else_branch", suppression())})
      .output("kept", {{-1, "n"}}, DType::kInt64);
  return sketch;
}

class SuppressingIf : public ::testing::Test {
 protected:
  /// Indices kept of boxes that overlap in pairs, the first `count`.
  std::vector<std::int64_t> kept(const OnnxModel& model, std::int64_t count) {
    save(model, folder_ / "model.onnx");
    const auto n = static_cast<std::size_t>(count);
    std::vector<float> boxes{0, 0, 10, 10, 1, 1, 11, 11, 0, 0, 10, 10, 50, 50, 60, 60};
    std::vector<float> scores{0.5F, 0.9F, 0.8F, 0.7F};
    std::vector<std::int64_t> classes{1, 1, 2, 1};
    boxes.resize(4 * n);
    scores.resize(n);
    classes.resize(n);
    const std::vector<Tensor> found = Session(folder_ / "model.onnx", {})
                                          .run({make_tensor({count, 4}, std::move(boxes)),
                                                make_tensor({count}, std::move(scores)),
                                                make_tensor({count}, std::move(classes))});
    const auto indices = found[0].as<std::int64_t>();
    return {indices.begin(), indices.end()};
  }
  testing::TemporaryFolder folder_;
};

TEST_F(SuppressingIf, IsNotNeededForNoBoxes) {
  Sketch sketch = batched_nms();
  EXPECT_THAT(kept(sketch.model, 4), ElementsAre(1, 2, 3));
  EXPECT_THAT(kept(sketch.model, 0), IsEmpty());
  expect_mended(sketch.model);
  EXPECT_THAT(kept(sketch.model, 4), ElementsAre(1, 2, 3));
  EXPECT_THAT(kept(sketch.model, 1), ElementsAre(0));
  EXPECT_THAT(kept(sketch.model, 0), IsEmpty());
}

}  // namespace
}  // namespace tv2onnx::doctor
