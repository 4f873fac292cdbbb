#include "run/prepare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;

TEST(InChannels, GreyIsWhatPilMakes) {
  // PIL: Image.new("RGB", (1, 1), colour).convert("L").getpixel((0, 0))
  const Tensor rgb = make_tensor({1, 1, 5, 3}, std::vector<std::uint8_t>{255, 0, 0, 0, 255, 0, 0, 0,
                                                                         255, 12, 34, 56, 1, 2, 3});
  const Tensor grey = in_channels(rgb, 1);
  EXPECT_THAT(grey.shape, ElementsAre(1, 1, 5, 1));
  EXPECT_THAT(grey.as<std::uint8_t>(), ElementsAre(76, 150, 29, 30, 2));
}

TEST(InChannels, OthersStayAsTheyAre) {
  const Tensor rgb = make_tensor({1, 1, 1, 3}, std::vector<std::uint8_t>{1, 2, 3});
  EXPECT_EQ(in_channels(rgb, 3).data, rgb.data);
  EXPECT_EQ(in_channels(rgb, 4).data, rgb.data);
  const Tensor grey = make_tensor({1, 1, 1, 1}, std::vector<std::uint8_t>{7});
  EXPECT_EQ(in_channels(grey, 1).data, grey.data);
}

}  // namespace
}  // namespace tv2onnx
