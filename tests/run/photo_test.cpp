// Photos that this library prepares, where a file does not, against Pillow's pixels.

#include "run/photo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "support/files.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

/// The upper left part of a photo of the golden, or all of it.
Tensor photo_of(const Json& row) {
  const Tensor photo =
      read_image(TV2ONNX_SOURCE_DIR "/examples/shapes/images/" + row["photo"].get<std::string>());
  if (row["part"].is_null()) return photo;
  const auto width = row["part"][1].get<std::int64_t>();
  std::vector<std::uint8_t> part;
  for (std::int64_t y = 0; y < row["part"][0].get<std::int64_t>(); ++y) {
    const auto* begin = photo.as<std::uint8_t>().data() + y * photo.shape[2] * 3;
    part.insert(part.end(), begin, begin + width * 3);
  }
  return make_tensor({1, row["part"][0], width, 3}, std::move(part));
}

TEST(ResizedAndCropped, HasPillowsPixels) {
  const std::string folder = TV2ONNX_SOURCE_DIR "/tests/golden/nn/";
  const Json rows = Json::parse(testing::read_file(folder + "photos.json"));
  const std::string pixels = testing::read_file(folder + "photos.bin");
  std::size_t offset = 0;
  for (const Json& row : rows) {
    PhotoSpec spec;
    spec.resize = row["resize"].get<std::vector<std::int64_t>>();
    spec.crop = row["crop"].get<std::vector<std::int64_t>>();
    spec.bicubic = row["bicubic"];
    spec.antialias = row["antialias"];
    const Tensor found = resized_and_cropped(photo_of(row), spec);
    ASSERT_EQ(found.shape, Shape({1, row["size"][0], row["size"][1], 3})) << row.dump();
    std::size_t differ = 0;
    for (const std::uint8_t value : found.as<std::uint8_t>()) {
      const int wanted = static_cast<std::uint8_t>(pixels[offset++]);
      EXPECT_LE(std::abs(value - wanted), row["antialias"] ? 0 : 1) << row.dump();
      differ += value != wanted ? 1 : 0;
    }
    EXPECT_LE(static_cast<double>(differ), 0.02 * static_cast<double>(found.size())) << row.dump();
  }
  EXPECT_EQ(offset, pixels.size());
}

TEST(AssumedPhoto, FitsTheOnlySizeOfAFile) {
  ImageInput input;
  input.layout = Layout::kPlanes;
  input.port = {"image", DType::kFloat32, {-1, 3, 384, 384}, {"", "", "", ""}};
  std::string assumption;
  const PhotoSpec photo = assumed_photo(input, assumption);
  EXPECT_EQ(photo.crop, (std::vector<std::int64_t>{384, 384}));
  EXPECT_EQ(photo.resize, std::vector<std::int64_t>{438});
  EXPECT_THAT(assumption, HasSubstr("shorter side 438, middle 384x384, ImageNet's mean"));
  input.port.shape = {-1, 3, -1, -1};
  EXPECT_EQ(assumed_photo(input, assumption).crop, std::vector<std::int64_t>{224});
}

// One side is two pixels, so the other one grows 260 times.
TEST(Photo, LongAndNarrowOnesAreRefusedBeforeTheyGrow) {
  const auto check = [](std::int64_t width) {
    const Tensor image = make_tensor(
        {1, 2, width, 3}, std::vector<std::uint8_t>(static_cast<std::size_t>(2 * width * 3)));
    require_resized_pixels(image, {.resize = {520}}, "m.onnx");
  };
  EXPECT_NO_THROW(check(1300));
  EXPECT_THROW(check(0), Error);
  try {
    check(60000);
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(error.code() == "I003");
    EXPECT_THAT(error.what(), HasSubstr("height 520 and width 15600000"));
  }
}

}  // namespace
}  // namespace tv2onnx
