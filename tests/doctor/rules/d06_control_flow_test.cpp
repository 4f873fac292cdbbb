// Only what is provably the same is inlined.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "doctor/edit.h"
#include "doctor/rules/rules.h"
#include "support/sketch.h"

namespace tv2onnx::doctor {
namespace {

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

TEST(ControlFlow, OneColumnIsSqueezed) {
  Sketch sketch = squeezing_if(true);
  Patient patient(sketch.model);
  const std::vector<Finding> findings = control_flow().examine(patient);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_TRUE(findings[0].repairable);
  control_flow().repair(patient);
  EXPECT_FALSE(has_if(sketch.model));
  EXPECT_EQ(sketch.model.graph.nodes.back().op, "Squeeze");
  EXPECT_EQ(sketch.model.graph.nodes.back().outputs[0], "y");
}

TEST(ControlFlow, AnIfThatDecidesStays) {
  Sketch sketch = squeezing_if(false);
  Patient patient(sketch.model);
  EXPECT_TRUE(control_flow().examine(patient).empty());  // and it is no detector
  control_flow().repair(patient);
  EXPECT_TRUE(has_if(sketch.model));
}

}  // namespace
}  // namespace tv2onnx::doctor
