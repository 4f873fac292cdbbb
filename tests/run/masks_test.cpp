#include "tv2onnx/masks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/errors.h"
#include "support/pixel_masks.h"
#include "tv2onnx/checkpoint.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::mask_of;
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

/// Numbers of the compressed string: five bits in each character, and one that says more follow.
std::vector<std::int64_t> numbers_in(const std::string& text) {
  std::vector<std::int64_t> numbers;
  std::int64_t number = 0;
  unsigned shift = 0;
  for (const char character : text) {
    const std::int64_t bits = character - '0';
    number |= (bits & 0x1F) << shift;
    shift += 5;
    if ((bits & 0x20) != 0) continue;
    if ((bits & 0x10) != 0) number |= std::int64_t{-1} << shift;
    numbers.push_back(number);
    number = 0;
    shift = 0;
  }
  return numbers;
}

/// The pixels that the run lengths mean, row by row.
std::vector<std::uint8_t> decoded(const CocoRle& rle) {
  std::vector<std::int64_t> lengths = numbers_in(rle.counts);
  for (std::size_t k = 3; k < lengths.size(); ++k) lengths[k] += lengths[k - 2];
  std::vector<std::uint8_t> columns;
  for (std::size_t k = 0; k < lengths.size(); ++k) {
    columns.insert(columns.end(), static_cast<std::size_t>(lengths[k]), k % 2);
  }
  const auto height = static_cast<std::size_t>(rle.size[0]);
  const auto width = static_cast<std::size_t>(rle.size[1]);
  EXPECT_EQ(columns.size(), height * width);
  std::vector<std::uint8_t> rows(columns.size());
  for (std::size_t k = 0; k < columns.size(); ++k)
    rows[k % height * width + k / height] = columns[k];
  return rows;
}

// Goldens of tests/gen/masks.py.
TEST(CocoRle, IsTheStringOfCoco) {
  const Checkpoint golden =
      open_checkpoint(TV2ONNX_SOURCE_DIR "/tests/golden/run/masks.safetensors");
  int count = 0;
  for (const NamedTensor& tensor : golden.tensors) {
    if (!tensor.name.ends_with(".pixels")) continue;
    const std::string name = tensor.name.substr(0, tensor.name.find('.'));
    SCOPED_TRACE(name);
    const Tensor& pixels = *golden.find(name + ".pixels");
    const ImageSize size{pixels.shape[0], pixels.shape[1]};
    const InstanceMask mask{make_tensor(pixels.shape, to_float(pixels)), true};
    const CocoRle rle = coco_rle(pixel_mask(mask, {}, size), size);
    const std::vector<std::int64_t> characters = to_int64(*golden.find(name + ".counts"));
    EXPECT_EQ(rle.counts, std::string(characters.begin(), characters.end()));
    EXPECT_EQ(rle.size, size);
    const std::vector<float> inside = to_float(pixels);
    EXPECT_EQ(decoded(rle), std::vector<std::uint8_t>(inside.begin(), inside.end()));
    ++count;
  }
  EXPECT_EQ(count, 8);
}

TEST(CocoRle, OfAMaskWithoutPixels) {
  const PixelMask nothing{0, 0, make_tensor({0, 0}, std::vector<std::uint8_t>())};
  EXPECT_EQ(coco_rle(nothing, {2, 3}).counts, "6");
}

TEST(CocoRle, RefusesAMaskBeyondTheImage) {
  const PixelMask mask = mask_of({"##"}, 3, 0);
  EXPECT_EQ(message_of([&] { coco_rle(mask, {4, 5}); }), "");
  EXPECT_THAT(message_of([&] { coco_rle(mask, {4, 4}); }), HasSubstr("error[R006]"));
}

}  // namespace
}  // namespace tv2onnx
