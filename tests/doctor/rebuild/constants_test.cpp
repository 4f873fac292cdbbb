#include "doctor/rebuild/constants.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rewrite/edit.h"
#include "support/foreign_model.h"

namespace tv2onnx::doctor {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using testing::ForeignModel;

// FrozenBatchNorm2d as exported without constant folding.
TEST(FloatConstant, EvaluatesWhatTheExporterLeftToTheGraph) {
  ForeignModel m;
  const auto variance = m.weight("running_var", {2}, {3, 8});
  const auto root =
      m.node("Sqrt", {m.node("Add", {variance, m.weight("eps", {}, std::vector<float>{1})}, "sum")},
             "root");
  const auto scale = m.node(
      "Mul", {m.weight("weight", {2}, {4, 6}), m.node("Reciprocal", {root}, "inverse")}, "scale");
  m.node("Unsqueeze", {scale}, "column", {integers_attribute("axes", {1, 2})});
  const View view(m.model);
  const std::optional<Tensor> column = float_constant(view, "column");
  ASSERT_TRUE(column);
  EXPECT_THAT(column->shape, ElementsAre(2, 1, 1));
  EXPECT_THAT(to_float(*column), ElementsAre(FloatEq(2), FloatEq(2)));
  EXPECT_EQ(float_number(view, "column"), 2.0);
}

TEST(FloatConstant, BroadcastsAsNumpyDoes) {
  ForeignModel m;
  m.node("Sub", {m.weight("column", {2, 1}, {10, 20}), m.weight("row", {3}, {1, 2, 3})}, "table");
  const View view(m.model);
  const std::optional<Tensor> table = float_constant(view, "table");
  ASSERT_TRUE(table);
  EXPECT_THAT(table->shape, ElementsAre(2, 3));
  EXPECT_THAT(to_float(*table), ElementsAre(9, 8, 7, 19, 18, 17));
  EXPECT_EQ(float_number(view, "table"), std::nullopt);
}

TEST(FloatConstant, IsNothingWhereAnInputComesIn) {
  ForeignModel m;
  m.node("Mul", {"image", m.weight("weight", {2}, {4, 6})}, "product");
  m.node("Add", {"loop", "weight"}, "loop");  // a damaged file
  const View view(m.model);
  EXPECT_FALSE(float_constant(view, "product"));
  EXPECT_FALSE(float_constant(view, "loop"));
}

TEST(FloatConstant, DoesNotFollowGrowthWithoutEnd) {
  ForeignModel m;
  std::string value = m.weight("one", {1}, {1});
  for (int k = 0; k < 40; ++k) value = m.node("Add", {value, value}, fmt::format("sum{}", k));
  EXPECT_FALSE(float_constant(View(m.model), value));  // 2^40 additions
}

TEST(Shortest, IsTheNumberThatWasMeant) {
  EXPECT_EQ(shortest(0.05F), 0.05);
  EXPECT_EQ(shortest(0.485F), 0.485);
  EXPECT_EQ(shortest(1e-5F), 1e-5);
  EXPECT_EQ(shortest(1333.0F), 1333.0);
}

}  // namespace
}  // namespace tv2onnx::doctor
