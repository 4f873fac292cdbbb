#include "tv2onnx/tensor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tv2onnx {
namespace {

TEST(Tensor, ReadsTransposedViewInRowMajorOrder) {
  Tensor tensor = make_tensor({2, 3}, std::vector<float>{0, 1, 2, 3, 4, 5});
  tensor.shape = {3, 2};
  tensor.strides = {1, 3};
  EXPECT_FALSE(tensor.is_contiguous());
  EXPECT_EQ(to_float(tensor), (std::vector<float>{0, 3, 1, 4, 2, 5}));
  std::vector<float> middle(3);
  copy_as_float(tensor, 2, 5, middle.data());
  EXPECT_EQ(middle, (std::vector<float>{1, 4, 2}));
}

TEST(Tensor, ConvertsEveryHalfClass) {
  const std::vector<std::uint16_t> halves{0x3C00, 0xC000, 0x0001, 0x83FF, 0x7BFF, 0x7C00, 0x8000};
  Tensor tensor{DType::kFloat16,
                {static_cast<std::int64_t>(halves.size())},
                {},
                reinterpret_cast<const std::byte*>(halves.data()),
                nullptr};
  const std::vector<float> expected{
      1.0F, -2.0F, 0x1p-24F, -0x3FFp-24F, 65504.0F, std::numeric_limits<float>::infinity(), -0.0F};
  EXPECT_EQ(to_float(tensor), expected);
}

TEST(Tensor, EveryHalfSurvivesFloat) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const Tensor one{DType::kFloat16, {1}, {}, reinterpret_cast<const std::byte*>(&half), nullptr};
    const float value = to_float(one)[0];
    if (std::isnan(value)) continue;
    EXPECT_EQ(make_half_tensor({1}, {value}).as<std::uint16_t>()[0], half);
  }
}

TEST(Tensor, HalvesAreRoundedToNearestEven) {
  const std::vector<float> values{1 + 0x1p-11F, 1 + 0x3p-11F, 65519,  65520,  0x1p-25F,
                                  0x1.8p-24F,   -0x1.01p-25F, 1e-30F, -1e30F, 0.1F};
  const Tensor halves = make_half_tensor({10}, values);
  const std::vector<float> expected{
      1,        1 + 0x1p-9F, 65504, std::numeric_limits<float>::infinity(),  0,
      0x1p-23F, -0x1p-24F,   0,     -std::numeric_limits<float>::infinity(), 0x1.998p-4F};
  EXPECT_EQ(to_float(halves), expected);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(to_float(make_half_tensor({1}, {nan}))[0]));
}

TEST(Tensor, BroadcastViewHasZeroStride) {
  Tensor tensor = make_tensor({1}, std::vector<float>{7});
  tensor.shape = {2, 2};
  tensor.strides = {0, 0};
  EXPECT_EQ(to_float(tensor), (std::vector<float>{7, 7, 7, 7}));
}

}  // namespace
}  // namespace tv2onnx
