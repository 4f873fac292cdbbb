#include "export/finite_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <string>

#include "graph/ops.h"
#include "onnx/lower.h"
#include "rewrite/fold.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// A convolution of two channels with batch normalisation, and a bias behind it.
std::map<std::string, std::vector<float>> weights() {
  return {{"conv.weight", {1, 2}},     {"bn.weight", {1, 1}},      {"bn.bias", {0, 0}},
          {"bn.running_mean", {0, 0}}, {"bn.running_var", {1, 1}}, {"head.bias", {0, 0}}};
}

Tensor tensor_of(const std::string& name, const std::vector<float>& values, bool half) {
  const Shape shape = name == "conv.weight" ? Shape{2, 1, 1, 1} : Shape{2};
  return half ? make_half_tensor(shape, values) : make_tensor(shape, values);
}

/// Takes the weights through what an export does with them: the error, or "".
std::string export_error(const std::map<std::string, std::vector<float>>& values, float eps,
                         bool half = false) {
  Checkpoint checkpoint;
  checkpoint.file = "model.pth";
  Graph graph(17);
  std::map<std::string, Value> weight;
  for (const auto& [name, numbers] : values) {
    checkpoint.tensors.push_back({name, tensor_of(name, numbers, half)});
    weight[name] = graph.add_weight(name, checkpoint.tensors.back().tensor);
  }
  const Value x = graph.add_input("x", DType::kFloat32, {"n", 1, "h", "w"});
  const Value y = batch_normalization(conv(x, weight["conv.weight"], {}, {.kernel = {1, 1}}),
                                      weight["bn.weight"], weight["bn.bias"],
                                      weight["bn.running_mean"], weight["bn.running_var"], eps);
  graph.add_output(reshape(y, {-1, 2}) + weight["head.bias"], "y", {Dim(), 2});
  OnnxModel model = lower(graph);
  try {
    require_normalisation(model, checkpoint);
    fold_all(model);
    require_finite(model, checkpoint);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string error_with(const std::string& name, std::vector<float> values, float eps = 1e-5F) {
  auto changed = weights();
  changed[name] = std::move(values);
  return export_error(changed, eps);
}

TEST(FiniteWeights, OrdinaryOnesPass) {
  EXPECT_EQ(export_error(weights(), 0), "");
  EXPECT_EQ(export_error(weights(), 0, true), "");
  EXPECT_EQ(error_with("bn.running_var", {0, 1}), "") << "eps makes up for it";
}

TEST(FiniteWeights, VarianceOfZeroIsNamed) {
  EXPECT_THAT(error_with("bn.running_var", {1, 0}, 0),
              AllOf(HasSubstr("error[W006]: bn.running_var is 0 in 1 of 2 channels, and norm_eps "
                              "is 0"),
                    HasSubstr("model.pth"), HasSubstr("half precision")));
  EXPECT_THAT(error_with("bn.running_var", {-1, 1}),
              HasSubstr("bn.running_var is -1 in 1 of 2 channels, and norm_eps is 1e-05"));
  // 1e-9 is nothing in half precision, in which smaller numbers than 6e-8 are 0.
  auto small = weights();
  small["bn.running_var"] = {1, 1e-9F};
  EXPECT_THAT(export_error(small, 0, true), HasSubstr("bn.running_var is 0 in 1 of 2 channels"));
  EXPECT_EQ(export_error(small, 0), "");
}

TEST(FiniteWeights, NanOfTheCheckpointIsNamedByItsKey) {
  for (const char* key :
       {"conv.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var", "head.bias"}) {
    EXPECT_THAT(error_with(key, {1, kNan}),
                HasSubstr(std::string("error[W006]: ") + key + " has NaN in 1 of 2 numbers"));
  }
  auto half = weights();
  half["head.bias"] = {kNan, kNan};
  EXPECT_THAT(export_error(half, 0, true), HasSubstr("head.bias has NaN in 2 of 2 numbers"));
}

TEST(FiniteWeights, WhatFoldingMakesInfiniteIsNamed) {
  auto large = weights();
  large["conv.weight"] = {1, 3e38F};
  large["bn.running_var"] = {1, 1e-4F};
  EXPECT_THAT(export_error(large, 0),
              HasSubstr("error[W006]: conv.weight would have 1 infinite numbers and 0 NaN of 2"));
  large = weights();
  large["bn.bias"] = {kInfinity, 0};
  EXPECT_THAT(export_error(large, 0), HasSubstr("error[W006]: conv.bias would have 1 infinite"));
}

TEST(FiniteWeights, LargeProductsThatFloat32HasPass) {
  auto large = weights();
  large["conv.weight"] = {3e38F, -3e38F};
  EXPECT_EQ(export_error(large, 0), "");
  large["conv.weight"] = {1e36F, 1};
  large["bn.running_var"] = {1e-3F, 1};
  EXPECT_EQ(export_error(large, 0), "");
}

TEST(FiniteWeights, InfinityThatPyTorchHasTooIsLeft) {
  EXPECT_EQ(error_with("head.bias", {-kInfinity, 0}), "") << "such as of a class that is off";
}

}  // namespace
}  // namespace tv2onnx
