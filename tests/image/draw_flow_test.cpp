#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

#include "support/errors.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

TEST(DrawFlow, IsTorchvisionsFlowToImage) {
  const Checkpoint golden =
      open_checkpoint(TV2ONNX_SOURCE_DIR "/tests/golden/image/flow.safetensors");
  for (const std::string name : {"away", "random", "still", "axes"}) {
    const Tensor flow =
        make_tensor(golden.find(name + ".flow")->shape, to_float(*golden.find(name + ".flow")));
    const Tensor picture = draw_flow(flow);
    const Tensor& wanted = *golden.find(name + ".picture");
    ASSERT_EQ(picture.shape, wanted.shape) << name;
    const auto a = picture.as<std::uint8_t>();
    const auto b = wanted.as<std::uint8_t>();
    int most = 0;
    for (std::size_t k = 0; k < a.size(); ++k) most = std::max(most, std::abs(a[k] - b[k]));
    EXPECT_LE(most, 1) << name;
  }
}

TEST(DrawFlow, WhatIsNotFiniteIsBlack) {
  std::vector<float> values{1, std::numeric_limits<float>::quiet_NaN(), 0, 0};
  const Tensor picture = draw_flow(make_tensor({1, 2, 1, 2}, values));
  const auto pixels = picture.as<std::uint8_t>();
  EXPECT_EQ(pixels[3] + pixels[4] + pixels[5], 0);
  EXPECT_GT(pixels[0], 200);
}

TEST(DrawFlow, RefusesOtherTensors) {
  const Tensor three = make_tensor({1, 3, 2, 2}, std::vector<float>(12));
  EXPECT_EQ(testing::code_of([&] { draw_flow(three); }), "R006");
  EXPECT_EQ(testing::code_of([&] { draw_flow(Tensor{}); }), "R006");
}

}  // namespace
}  // namespace tv2onnx
