// D16 of LayerNorm and GELU.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "doctor/rules/rules.h"
#include "onnx/write.h"
#include "rewrite/edit.h"
#include "support/designed_weights.h"
#include "support/sketch.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx::doctor {
namespace {

using ::testing::IsEmpty;
using testing::reread;
using ::testing::SizeIs;
using testing::Sketch;

struct Form {
  bool square = false;      ///< Mul(d, d) for Pow(d, 2)
  bool reciprocal = false;  ///< Mul(d, Reciprocal(s)) for Div(d, s)
  bool factor = false;      ///< Mul(x, 0.7071) for Div(x, 1.4142)
};

OnnxModel layers(const Form& form) {
  Sketch sketch(13);
  const std::vector<OnnxValueInfo::Dim> dims{{-1, "batch"}, {8, ""}};
  sketch.input("x", dims);
  for (const auto& [name, value] :
       std::vector<std::pair<const char*, float>>{{"two", 2},
                                                  {"eps", 1e-5F},
                                                  {"one", 1},
                                                  {"half", 0.5F},
                                                  {"root", 1.41421356F},
                                                  {"share", 0.70710678F}}) {
    sketch.constant(name, make_tensor({}, std::vector<float>{value}));
  }
  sketch.constant("scale", make_tensor({8}, std::vector<float>(8, 1.5F)));
  const std::vector<OnnxAttribute> last{integers_attribute("axes", {-1})};
  sketch.node("ReduceMean", {"x"}, {"m"}, last);
  sketch.node("Sub", {"x", "m"}, {"d"});
  if (form.square) {
    sketch.node("Mul", {"d", "d"}, {"square"});
  } else {
    sketch.node("Pow", {"d", "two"}, {"square"});
  }
  sketch.node("ReduceMean", {"square"}, {"v"}, last);
  sketch.node("Add", {"v", "eps"}, {"ve"});
  sketch.node("Sqrt", {"ve"}, {"s"});
  if (form.reciprocal) {
    sketch.node("Reciprocal", {"s"}, {"r"});
    sketch.node("Mul", {"r", "d"}, {"n"});
  } else {
    sketch.node("Div", {"d", "s"}, {"n"});
  }
  sketch.node("Mul", {"n", "scale"}, {"y"});
  if (form.factor) {
    sketch.node("Mul", {"share", "y"}, {"part"});
  } else {
    sketch.node("Div", {"y", "root"}, {"part"});
  }
  sketch.node("Erf", {"part"}, {"erf"});
  sketch.node("Add", {"erf", "one"}, {"more"});
  sketch.node("Mul", {"y", "more"}, {"twice"});
  sketch.node("Mul", {"twice", "half"}, {"z"});
  sketch.output("z", dims);
  return std::move(sketch.model);
}

std::vector<float> run(const OnnxModel& model) {
  std::vector<float> x;
  for (const double value : testing::noise("x", 24)) x.push_back(static_cast<float>(3 * value));
  const Session session(write_onnx(model, {}), "test", {});
  return to_float(session.run({make_tensor({3, 8}, std::move(x))})[0]);
}

TEST(UnfusedLayers, FormsOfTorchAreHealthy) {
  OnnxModel model = layers({});
  EXPECT_THAT(unfused_layers().examine(RuleContext(model)), IsEmpty());
}

TEST(UnfusedLayers, GetTheFormOfTorch) {
  const std::vector<float> wanted = run(layers({}));
  for (const Form& form : {Form{.square = true},
                           {.reciprocal = true},
                           {.factor = true},
                           {.square = true, .reciprocal = true, .factor = true}}) {
    OnnxModel model = reread(layers(form));
    const std::size_t wrong =
        (form.square ? 1U : 0U) + (form.reciprocal ? 1U : 0U) + (form.factor ? 1U : 0U);
    {
      RuleContext context(model);
      const std::vector<Finding> found = unfused_layers().examine(context);
      ASSERT_THAT(found, SizeIs(1));
      EXPECT_THAT(found[0].evidence, SizeIs(wrong));
      EXPECT_TRUE(found[0].repairable);
      EXPECT_EQ(found[0].damage, Damage::kInformation);
      unfused_layers().repair(context);
    }
    EXPECT_THAT(unfused_layers().examine(RuleContext(model)), IsEmpty());
    const std::vector<float> mended = run(model);
    ASSERT_EQ(mended.size(), wanted.size());
    for (std::size_t k = 0; k < wanted.size(); ++k) EXPECT_NEAR(mended[k], wanted[k], 1e-6) << k;
  }
}

/// The same operators for something else.
TEST(UnfusedLayers, OtherProductsAreLeft) {
  for (const auto& [from, to] :
       std::vector<std::pair<const char*, const char*>>{{"m", "one"}, {"v", "x"}}) {
    OnnxModel model = layers({.square = true, .reciprocal = true});
    for (OnnxNode& node : model.graph.nodes) {
      if (node.op == "Sub" || node.op == "Add") std::ranges::replace(node.inputs, from, to);
    }
    EXPECT_THAT(unfused_layers().examine(RuleContext(model)), IsEmpty()) << from;
  }
  OnnxModel model = layers({.factor = true});
  for (OnnxNode& node : model.graph.nodes) {
    if (node.op == "Mul") std::ranges::replace(node.inputs, "share", "half");
  }
  EXPECT_THAT(unfused_layers().examine(RuleContext(model)), IsEmpty());
}

}  // namespace
}  // namespace tv2onnx::doctor
