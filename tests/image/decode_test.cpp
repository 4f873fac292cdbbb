#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tv2onnx/error.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::filesystem::path kFolder = TV2ONNX_SOURCE_DIR "/tests/golden/image";

std::vector<std::byte> content_of(const std::string& name) {
  std::ifstream file(kFolder / name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

/// What PIL reads, stored by tests/gen/images.py.
Tensor expected_pixels(const std::string& name) {
  std::ifstream file(kFolder / (name + ".ppm"), std::ios::binary);
  std::string magic;
  std::int64_t width = 0;
  std::int64_t height = 0;
  int largest = 0;
  file >> magic >> width >> height >> largest;
  file.get();
  const std::string pixels{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(pixels.size(), static_cast<std::size_t>(width * height * 3)) << name;
  return make_tensor({1, height, width, 3},
                     std::vector<std::uint8_t>(pixels.begin(), pixels.end()));
}

void expect_same(const Tensor& image, const Tensor& expected, int tolerance) {
  ASSERT_EQ(image.shape, expected.shape);
  const auto ours = image.as<std::uint8_t>();
  const auto theirs = expected.as<std::uint8_t>();
  int worst = 0;
  for (std::size_t k = 0; k < ours.size(); ++k) {
    worst = std::max(worst, std::abs(int{ours[k]} - int{theirs[k]}));
  }
  EXPECT_LE(worst, tolerance);
}

Error refusal_of(const std::string& name) {
  try {
    read_image(kFolder / name);
  } catch (const Error& error) {
    return error;
  }
  return Error({.code = "U001", .found = "no error"});
}

class Readable : public ::testing::TestWithParam<const char*> {};

TEST_P(Readable, HasThePixelsThatPilReads) {
  const std::string name = GetParam();
  const bool exact = name.ends_with(".png") || name.ends_with(".bmp");
  expect_same(read_image(kFolder / name), expected_pixels(name), exact ? 0 : 2);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Readable,
    ::testing::Values("exif_1.jpg", "exif_2.jpg", "exif_3.jpg", "exif_4.jpg", "exif_5.jpg",
                      "exif_6.jpg", "exif_7.jpg", "exif_8.jpg", "exif_nonsense.jpg", "grey.jpg",
                      "cmyk.jpg", "progressive.jpg", "full_chroma.jpg", "colour.png", "grey.png",
                      "bilevel.png", "palette.png", "palette_alpha.png", "alpha.png", "exif.png",
                      "colour16.png", "grey16.png", "interlaced.png", "lossy.webp",
                      "lossless_alpha.webp", "exif.webp", "colour.bmp", "palette.bmp", "grey.bmp",
                      "bilevel.bmp", "top_down.bmp", "colour32.bmp"),
    [](const auto& file) {
      std::string name = file.param;
      std::ranges::replace(name, '.', '_');
      return name;
    });

TEST(ReadImage, CanLeaveTheOrientationAlone) {
  expect_same(read_image(kFolder / "exif_6.jpg", {.ignore_exif = true}),
              expected_pixels("exif_6.jpg.stored"), 2);
}

TEST(ReadImage, TruncatedAndGarbledFilesAreDamaged) {
  for (const char* name :
       {"truncated.jpg", "truncated_progressive.jpg", "truncated.png", "truncated.webp",
        "truncated.bmp", "no_end_marker.jpg", "bad_checksum.png", "no_pixels.png"}) {
    const Error error = refusal_of(name);
    EXPECT_EQ(error.code().name(), "I002") << name;
    EXPECT_THAT(error.what(), AllOf(HasSubstr("the image is damaged: "), HasSubstr(name)));
  }
  EXPECT_THAT(refusal_of("truncated.jpg").what(), HasSubstr("ends before the picture does"));
  EXPECT_THAT(refusal_of("bad_checksum.png").what(), HasSubstr("CRC"));
}

TEST(ReadImage, AnnouncedSizesAreCheckedBeforeMemoryIsTaken) {
  EXPECT_THAT(refusal_of("huge.png").what(),
              HasSubstr("error[I003]: the image is 60000 x 60000 pixels"));
  EXPECT_THAT(refusal_of("huge.jpg").what(),
              HasSubstr("error[I003]: the image is 65500 x 65500 pixels"));
}

TEST(ReadImage, OtherFilesAreNamed) {
  EXPECT_THAT(refusal_of("text.jpg").what(),
              HasSubstr("error[I001]: no image: it begins with \"This is no pictu\""));
  EXPECT_THAT(refusal_of("empty.jpg").what(), HasSubstr("error[I001]: the file is empty"));
  EXPECT_THAT(refusal_of("picture.gif").what(), HasSubstr("error[I001]: it is a GIF"));
}

TEST(ReadImage, RareVariantsAreNamed) {
  EXPECT_THAT(refusal_of("animated.webp").what(), HasSubstr("error[I004]"));
  EXPECT_THAT(refusal_of("run_length.bmp").what(),
              HasSubstr("error[I004]: unsupported kind of image: a BMP of 24 bits with "
                        "compression 1"));
}

TEST(ReadImage, UnreadablePathsAreNamed) {
  EXPECT_THAT(refusal_of("nothing.jpg").what(), HasSubstr("error[C001]: No such file"));
  EXPECT_THAT(refusal_of("").what(), HasSubstr("error[C001]: it is a folder"));
  EXPECT_THAT(refusal_of("/dev/zero").what(), HasSubstr("it is not a regular file"));
}

/// Decodes or refuses with a code of images; true if it was decoded.
bool survives(std::span<const std::byte> file) {
  try {
    decode_image(file);
    return true;
  } catch (const Error& error) {
    EXPECT_EQ(error.code().name()[0], 'I') << error.what();
    return false;
  }
}

class Damaged : public ::testing::TestWithParam<const char*> {};

TEST_P(Damaged, CutAnywhereIsRefusedWithoutNoise) {
  const std::vector<std::byte> file = content_of(GetParam());
  ::testing::internal::CaptureStderr();
  for (std::size_t size = 0; size + 16 < file.size(); ++size) {
    EXPECT_FALSE(survives(std::span(file).first(size))) << size;
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST_P(Damaged, ChangedAnywhereNeverCrashesOrMakesNoise) {
  const std::vector<std::byte> file = content_of(GetParam());
  ::testing::internal::CaptureStderr();
  for (std::size_t place = 0; place < file.size(); ++place) {
    for (const std::byte value : {std::byte{0x00}, std::byte{0x7F}, std::byte{0xFF}}) {
      std::vector<std::byte> changed = file;
      changed[place] = value;
      survives(changed);
    }
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

INSTANTIATE_TEST_SUITE_P(Kinds, Damaged,
                         ::testing::Values("exif_6.jpg", "cmyk.jpg", "progressive.jpg",
                                           "palette_alpha.png", "grey16.png", "exif.png",
                                           "lossy.webp", "exif.webp", "palette.bmp",
                                           "colour32.bmp"),
                         [](const auto& file) {
                           std::string name = file.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace tv2onnx
