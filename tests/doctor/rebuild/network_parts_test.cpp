#include "doctor/rebuild/network_parts.h"

#include <gtest/gtest.h>

#include <vector>

#include "doctor/rebuild/window_tables.h"
#include "nn/relative_position.h"

namespace tv2onnx::doctor {
namespace {

TEST(ModuleOfNode, IsWhatTorchWroteIntoTheName) {
  EXPECT_EQ(module_of_node("/conv1/Conv"), "conv1");
  EXPECT_EQ(module_of_node("/layer1/layer1.0/conv1/Conv"), "layer1.0.conv1");
  EXPECT_EQ(module_of_node("/features/features.0/features.0.0/Conv"), "features.0.0");
  EXPECT_EQ(module_of_node("/stage2/stage2.0/branch1/branch1.0/Conv"), "stage2.0.branch1.0");
  EXPECT_EQ(module_of_node("/features/features.1/features.10/Conv"), "features.1.features.10");
  EXPECT_EQ(module_of_node("Conv_12"), "");
  EXPECT_EQ(module_of_node("/Conv"), "");
}

std::vector<LooseConstant> biases(const std::vector<float>& table, std::int64_t heads) {
  std::vector<float> values;
  const std::vector<std::size_t> entries = relative_positions({2, 2});
  for (std::int64_t head = 0; head < heads; ++head) {
    for (const std::size_t entry : entries) {
      values.push_back(
          table[entry * static_cast<std::size_t>(heads) + static_cast<std::size_t>(head)]);
    }
  }
  return {{"Add", make_tensor({1, heads, 4, 4}, std::move(values))}};
}

TEST(WindowTable, IsWhatTheBiasesWereMadeFrom) {
  std::vector<float> table;
  for (int k = 0; k < 18; ++k) table.push_back(static_cast<float>(k) / 7);
  const AskedWeight asked{"relative_position_bias_table", {9, 2}, true};
  std::vector<LooseConstant> loose = biases(table, 2);
  const auto found = window_table(asked, loose);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(to_float(*found), table);
  EXPECT_TRUE(loose.empty());
}

/// Pairs of the same relative position with different numbers are no table.
TEST(WindowTable, IsNotMadeOfOtherConstants) {
  std::vector<float> values(16);
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<float>(k);
  std::vector<LooseConstant> loose{{"Add", make_tensor({1, 1, 4, 4}, values)}};
  EXPECT_FALSE(window_table({"relative_position_bias_table", {9, 1}, true}, loose).has_value());
  EXPECT_EQ(loose.size(), 1U);
}

}  // namespace
}  // namespace tv2onnx::doctor
