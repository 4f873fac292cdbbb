// D03, D04, D18, D19 and D20 of classifiers, node by node. Files of torch.onnx.export are examined
// in tests/live/classifiers_test.cpp.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "doctor/rules/rules.h"
#include "rewrite/edit.h"
#include "support/sketch.h"

namespace tv2onnx::doctor {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::reread;
using testing::Sketch;

using Dims = std::vector<OnnxValueInfo::Dim>;
const Dims kImages{{-1, "batch"}, {3, ""}, {-1, "height"}, {-1, "width"}};
const Dims kScores{{-1, "batch"}, {4, ""}};

OnnxAttribute kernel_of(std::int64_t side) {
  OnnxAttribute attribute;
  attribute.name = "kernel_shape";
  attribute.type = schema::attribute::kTypeInts;
  attribute.ints = {side, side};
  return attribute;
}

/// What stands between the pieces that tests choose.
struct Parts {
  std::vector<OnnxNode> before = {};  ///< photo -> pixels
  std::string pooling = "GlobalAveragePool";
  std::int64_t kernel = 0;
  std::vector<std::int64_t> shape = {0, 3};
  int softmaxes = 0;
};

OnnxModel classifier(const Parts& parts) {
  Sketch sketch(18);
  sketch.input("photo", kImages);
  sketch.constant("w", make_tensor({3, 3, 1, 1}, std::vector<float>(9, 0.5F)));
  sketch.constant("fc", make_tensor({3, 4}, std::vector<float>(12, 0.5F)));
  sketch.constant("shape", make_tensor({2}, parts.shape));
  for (const OnnxNode& node : parts.before) sketch.model.graph.nodes.push_back(node);
  sketch.node("Conv", {parts.before.empty() ? "photo" : "pixels", "w"}, {"maps"});
  std::vector<OnnxAttribute> kernel;
  if (parts.kernel > 0) kernel.push_back(kernel_of(parts.kernel));
  sketch.node(parts.pooling, {"maps"}, {"pooled"}, kernel);
  sketch.node("Reshape", {"pooled", "shape"}, {"features"});
  std::string value = parts.softmaxes == 0 ? "scores" : "s0";
  sketch.node("Gemm", {"features", "fc"}, {value});
  for (int k = 1; k <= parts.softmaxes; ++k) {
    const std::string next = k == parts.softmaxes ? "scores" : "s" + std::to_string(k);
    sketch.node("Softmax", {value}, {next});
    value = next;
  }
  sketch.output("scores", kScores);
  return std::move(sketch.model);
}

std::vector<std::string> found_in(OnnxModel model) {
  const RuleContext context(model);
  std::vector<std::string> found;
  for (const Rule& rule :
       {baked_pooling(), baked_batch(), photo_preparation(), photo_resize(), repeated_softmax()}) {
    for (const Finding& finding : rule.examine(context)) {
      found.push_back(std::string(finding.code.name()) + " " +
                      std::string(damage_text(finding.damage)));
    }
  }
  return found;
}

/// The file after the rule's repair, after which it must find nothing to repair.
OnnxModel repaired(const Rule& rule, const OnnxModel& sketch) {
  OnnxModel model = reread(sketch);
  RuleContext context(model);
  rule.repair(context);
  OnnxModel written = reread(model);
  for (const Finding& finding : rule.examine(RuleContext(written))) {
    EXPECT_FALSE(finding.repairable) << finding.what;
  }
  return written;
}

const OnnxNode* find_node(const OnnxModel& model, std::string_view op) {
  const auto node = std::ranges::find(model.graph.nodes, op, &OnnxNode::op);
  return node != model.graph.nodes.end() ? &*node : nullptr;
}

OnnxNode node_of(std::string op, std::vector<std::string> inputs, std::string output,
                 std::vector<OnnxAttribute> attributes = {}) {
  OnnxNode node;
  node.op = std::move(op);
  node.inputs = std::move(inputs);
  node.outputs = {std::move(output)};
  node.attributes = std::move(attributes);
  return node;
}

TEST(ClassifierRules, AHealthyFileOnlyTellsThatItsCallerNormalises) {
  EXPECT_THAT(found_in(classifier({})), ElementsAre("D18 information"));
  EXPECT_THAT(found_in(classifier({.softmaxes = 1})), ElementsAre("D18 information"));
}

TEST(ClassifierRules, NothingIsSaidWhereTheGraphNormalises) {
  OnnxModel model = classifier({.before = {node_of("Sub", {"photo", "mean"}, "pixels")}});
  model.graph.initializers.push_back(
      stored_tensor("mean", make_tensor({1, 3, 1, 1}, std::vector<float>{0.4F, 0.5F, 0.6F})));
  EXPECT_THAT(found_in(std::move(model)), IsEmpty());
}

TEST(ClassifierRules, SoftmaxOfSoftmax) {
  EXPECT_THAT(found_in(classifier({.softmaxes = 2})),
              ElementsAre("D18 information", "D20 wrong results"));
}

TEST(ClassifierRules, PoolingOfOneSize) {
  const Parts baked{.pooling = "AveragePool", .kernel = 7};
  EXPECT_THAT(found_in(classifier(baked)), ElementsAre("D03 wrong results", "D18 information"));
  OnnxModel fixed = classifier(baked);
  (*fixed.graph.inputs[0].dims)[2] = {224, ""};
  (*fixed.graph.inputs[0].dims)[3] = {224, ""};
  EXPECT_THAT(found_in(std::move(fixed)), ElementsAre("D18 information"));
  EXPECT_THAT(found_in(classifier({.pooling = "AveragePool", .kernel = 2})),
              ElementsAre("D18 information"));
}

TEST(ClassifierRules, ReshapeToOneImage) {
  EXPECT_THAT(found_in(classifier({.shape = {1, -1}})),
              ElementsAre("D04 crashes", "D18 information"));
  OnnxModel single = classifier({.shape = {1, -1}});
  (*single.graph.inputs[0].dims)[0] = {1, ""};
  EXPECT_THAT(found_in(std::move(single)), ElementsAre("D18 information"));
  EXPECT_THAT(found_in(classifier({.shape = {-1, 3}})), ElementsAre("D18 information"));
}

TEST(ClassifierRules, ResizeOfThePhoto) {
  const auto resized = [](std::vector<OnnxAttribute> attributes) {
    attributes.push_back(string_attribute("mode", "linear"));
    return found_in(classifier(
        {.before = {node_of("Resize", {"photo", "", "", "sizes"}, "pixels", attributes)}}));
  };
  EXPECT_THAT(resized({}), ElementsAre("D18 information", "D19 limited"));
  EXPECT_THAT(resized({integer_attribute("antialias", 1)}),
              ElementsAre("D18 information", "D19 wrong results"));
  EXPECT_THAT(resized({integer_attribute("antialias", 1), integer_attribute("exclude_outside", 1)}),
              ElementsAre("D18 information"));
}

TEST(ClassifierRepairs, AReshapeTakesAsManyImagesAsThereAre) {
  OnnxModel model = repaired(baked_batch(), classifier({.shape = {1, -1}}));
  const OnnxNode* reshape = find_node(model, "Reshape");
  ASSERT_NE(reshape, nullptr);
  EXPECT_EQ(View(model).integers(reshape->input(1)), (std::vector<std::int64_t>{0, -1}));
}

TEST(ClassifierRepairs, ResizeWeighsNothingOutside) {
  const OnnxModel model = repaired(
      photo_resize(), classifier({.before = {node_of("Resize", {"photo", "", "", "sizes"}, "pixels",
                                                     {integer_attribute("antialias", 1),
                                                      string_attribute("mode", "linear")})}}));
  EXPECT_EQ(find_node(model, "Resize")->integer("exclude_outside", 0), 1);
}

TEST(ClassifierRepairs, OneSoftmaxStaysAndTheOutputKeepsItsName) {
  OnnxModel model = repaired(repeated_softmax(), classifier({.softmaxes = 3}));
  const OnnxNode* last = View(model).producer("scores");
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->op, "Softmax");
  EXPECT_EQ(View(model).producer(last->input(0))->op, "Gemm");
}

TEST(ClassifierRepairs, SqrtOfALengthIsThatOfAFloat) {
  Sketch sketch(16);
  sketch.input("photo", kImages);
  sketch.node("Shape", {"photo"}, {"shape"});
  sketch.node("Sqrt", {"shape"}, {"root"});
  sketch.output("root");
  OnnxModel model = repaired(roots_of_integers(), sketch.model);
  const OnnxNode* cast = View(model).producer(find_node(model, "Sqrt")->input(0));
  ASSERT_NE(cast, nullptr);
  EXPECT_EQ(cast->integer("to", 0), 1);
  Sketch healthy(16);
  healthy.input("photo", kImages);
  healthy.node("Sqrt", {"photo"}, {"root"});
  healthy.output("root");
  EXPECT_THAT(roots_of_integers().examine(RuleContext(healthy.model)), IsEmpty());
}

}  // namespace
}  // namespace tv2onnx::doctor
