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

/// One pixel of two channels, as the input wants it.
std::vector<float> prepared(const Tensor& image, ChannelOrder order) {
  ImageInput input{.port = {"x", DType::kFloat32, {1, 2, 1, 1}, {"", "", "", ""}},
                   .layout = Layout::kPlanes,
                   .range = PixelRange::kNormalised,
                   .order = order,
                   .mean = {0.5, 0.25},
                   .deviation = {0.5}};
  return to_float(prepare(image, input, preparation_for(input)));
}

TEST(Prepare, NormalisesWhereTheInputComesNormalised) {
  const Tensor bytes = make_tensor({1, 1, 1, 2}, std::vector<std::uint8_t>{255, 0});
  const Tensor floats = make_tensor({1, 2, 1, 1}, std::vector<float>{1, 0});
  for (const Tensor& image : {bytes, floats}) {
    EXPECT_THAT(prepared(image, ChannelOrder::kRgb), ElementsAre(1, -0.5));
    // Means belong to the channels, not to their places.
    EXPECT_THAT(prepared(image, ChannelOrder::kBgr), ElementsAre(-0.5, 1));
  }
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
