#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "doctor/rules/rules.h"
#include "support/files.h"
#include "support/sketch.h"

namespace tv2onnx::doctor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Sketch;
using testing::TemporaryFolder;

Sketch layer(std::vector<float> weights) {
  const auto count = static_cast<std::int64_t>(weights.size());
  Sketch sketch;
  sketch.input("x", {{1, ""}, {count / 4, ""}})
      .constant("weight", make_tensor({count / 4, 4}, std::move(weights)))
      .node("MatMul", {"x", "weight"}, {"y"})
      .output("y", {{1, ""}, {4, ""}});
  return sketch;
}

std::vector<Finding> examined(Sketch& sketch, Rule rule, const std::filesystem::path& folder = {}) {
  return rule.examine(RuleContext(sketch.model, {}, folder));
}

TEST(Weights, SoundOnesAreFine) {
  Sketch sketch = layer(std::vector<float>(32, 0.5F));
  EXPECT_THAT(examined(sketch, bad_weights()), IsEmpty());
}

TEST(Weights, NanAndInfinity) {
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    std::vector<float> weights(32, 0.5F);
    weights[7] = bad;
    Sketch sketch = layer(weights);
    const std::vector<Finding> findings = examined(sketch, bad_weights());
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].damage, Damage::kWrong);
    EXPECT_THAT(findings[0].evidence[0], HasSubstr("weight: 1"));
  }
}

TEST(Weights, AllZero) {
  Sketch sketch = layer(std::vector<float>(32, 0.0F));
  ASSERT_EQ(examined(sketch, bad_weights()).size(), 1U);
}

TEST(Weights, MasksMayBeInfinite) {
  Sketch sketch;
  sketch.input("x", {{4, ""}})
      .constant("mask", make_tensor({4}, std::vector<float>(4, -INFINITY)))
      .node("Add", {"x", "mask"}, {"y"})
      .output("y", {{4, ""}});
  EXPECT_THAT(examined(sketch, bad_weights()), IsEmpty());
}

TEST(Weights, DenormalsAreWaste) {
  std::vector<float> weights(32, 0.5F);
  weights[3] = 1e-40F;
  Sketch sketch = layer(weights);
  const std::vector<Finding> findings = examined(sketch, bad_weights());
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].damage, Damage::kWaste);
}

TEST(Weights, ExternalDataIsThereInFull) {
  const TemporaryFolder folder;
  testing::write_file(folder / "weights.bin", std::string(128, 'x'));
  testing::write_file(folder / "short.bin", std::string(100, 'x'));
  const std::filesystem::path model = folder / "model.onnx";
  Sketch sketch = layer(std::vector<float>(32, 0.5F));
  OnnxTensor& weight = sketch.model.graph.initializers.front();
  weight.bytes = {};
  weight.external = {{"location", "weights.bin"}, {"offset", "0"}, {"length", "128"}};
  EXPECT_THAT(examined(sketch, bad_weights(), model), IsEmpty());
  const auto found_with = [&](const char* key, const char* value) {
    weight.external[key] = value;
    const std::vector<Finding> findings = examined(sketch, bad_weights(), model);
    return findings.size() == 1 ? findings[0].evidence[0] : "";
  };
  EXPECT_THAT(found_with("location", "short.bin"), HasSubstr("has 100 B"));
  EXPECT_THAT(found_with("location", "lost.bin"), HasSubstr("'lost.bin' is missing"));
  EXPECT_THAT(found_with("location", "../../x"), HasSubstr("outside the folder"));
  weight.external["location"] = "weights.bin";
  EXPECT_THAT(found_with("length", "100"), HasSubstr("100 B of external data"));
  weight.external["length"] = "128";
  EXPECT_THAT(found_with("offset", "18446744073709551614"), HasSubstr("from byte"));
}

TEST(Structure, NodesWithoutWhatTheirOperatorNeeds) {
  Sketch sketch;
  sketch.input("x", {{1, ""}}).node("ReduceMin", {"x"}, {}).node("Slice", {}, {"y"}).output("y");
  const std::vector<Finding> findings = examined(sketch, bad_structure());
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_THAT(findings[0].evidence,
              ElementsAre(HasSubstr("has 0 outputs, needs 1"), HasSubstr("has 0 inputs, needs 3")));
}

TEST(Growth, IsFoundWhereConstantsDouble) {
  Sketch sketch = layer(std::vector<float>(32, 0.5F));
  sketch.constant("k0", make_tensor({1}, std::vector<std::int64_t>{1}));
  for (int k = 0; k < 20; ++k) {
    const std::string from = "k" + std::to_string(k);
    sketch.node("Concat", {from, from}, {"k" + std::to_string(k + 1)});
  }
  EXPECT_THAT(examined(sketch, growing_constants()), IsEmpty());
  for (int k = 20; k < 40; ++k) {
    const std::string from = "k" + std::to_string(k);
    sketch.node("Concat", {from, from}, {"k" + std::to_string(k + 1)});
  }
  EXPECT_EQ(examined(sketch, growing_constants()).size(), 1U);
}

TEST(Structure, SoundGraphsAreFine) {
  Sketch sketch = layer(std::vector<float>(32, 0.5F));
  EXPECT_THAT(examined(sketch, bad_structure()), IsEmpty());
}

TEST(Structure, CyclesAndOrder) {
  Sketch cycle;
  cycle.input("x", {{1, ""}}).node("Add", {"x", "b"}, {"a"}).node("Abs", {"a"}, {"b"}).output("b");
  std::vector<Finding> findings = examined(cycle, bad_structure());
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_THAT(findings[0].what, HasSubstr("cycle"));
  Sketch unsorted;
  unsorted.input("x", {{1, ""}}).node("Abs", {"a"}, {"b"}).node("Neg", {"x"}, {"a"}).output("b");
  findings = examined(unsorted, bad_structure());
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_THAT(findings[0].what, HasSubstr("order"));
}

TEST(Structure, NamesTwiceAndNowhere) {
  Sketch sketch;
  sketch.input("x", {{1, ""}})
      .node("Abs", {"x"}, {"a"})
      .node("Neg", {"nowhere"}, {"a"})
      .output("a");
  const std::vector<Finding> findings = examined(sketch, bad_structure());
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_THAT(findings[1].evidence[0], HasSubstr("'nowhere'"));
}

}  // namespace
}  // namespace tv2onnx::doctor
