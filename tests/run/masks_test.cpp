#include "tv2onnx/masks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/errors.h"
#include "support/pixel_masks.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::message_of;
using testing::pixels_in;

/// [4, 6] with the probabilities 0.9 and 0.6 in the middle.
InstanceMask pasted() {
  std::vector<float> values(24);
  values[1 * 6 + 2] = 0.9F;
  values[2 * 6 + 3] = 0.6F;
  values[2 * 6 + 4] = 0.5F;
  return {make_tensor({4, 6}, std::move(values)), true};
}

TEST(PixelMask, IsCutToTheObject) {
  const PixelMask mask = pixel_mask(pasted(), {}, {4, 6});
  EXPECT_EQ(mask.x, 2);
  EXPECT_EQ(mask.y, 1);
  EXPECT_THAT(mask.inside.shape, ElementsAre(2, 2));
  EXPECT_THAT(mask.inside.as<std::uint8_t>(), ElementsAre(1, 0, 0, 1));
  EXPECT_EQ(mask_area(mask), 2);
}

TEST(PixelMask, TheThresholdItselfIsOutside) {
  EXPECT_EQ(mask_area(pixel_mask(pasted(), {}, {4, 6}, 0.49)), 3);
  EXPECT_EQ(mask_area(pixel_mask(pasted(), {}, {4, 6}, 0.7)), 1);
  const PixelMask nothing = pixel_mask(pasted(), {}, {4, 6}, 0.95);
  EXPECT_THAT(nothing.inside.shape, ElementsAre(0, 0));
  EXPECT_EQ(mask_area(nothing), 0);
}

TEST(PixelMask, OfProbabilitiesOverTheBoxIsThatOfThePastedOnes) {
  std::vector<float> values;
  for (int k = 0; k < 28 * 28; ++k) values.push_back(static_cast<float>(k * 37 % 100) / 100);
  const Tensor probabilities = make_tensor({28, 28}, std::move(values));
  for (const std::array<float, 4>& box :
       {std::array<float, 4>{12.5F, 7.25F, 55.75F, 39}, {-20, -5, 30, 90}, {60, 40, 70, 50}}) {
    const Tensor whole = paste_mask(probabilities, box, {50, 70});
    for (const double threshold : {0.0, 0.5}) {
      EXPECT_EQ(pixels_in(pixel_mask({probabilities, false}, box, {50, 70}, threshold), {50, 70}),
                pixels_in(pixel_mask({whole, true}, box, {50, 70}, threshold), {50, 70}));
    }
  }
}

TEST(PixelMask, MustHaveTheSizeOfTheImage) {
  EXPECT_THAT(message_of([] {
                pixel_mask(pasted(), {}, {6, 4});
              }),
              HasSubstr("expected  [6,4], the size of the image"));
}

}  // namespace
}  // namespace tv2onnx
