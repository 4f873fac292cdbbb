#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/errors.h"
#include "support/pixel_masks.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/coco.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;
using testing::mask_of;
using testing::message_of;

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
