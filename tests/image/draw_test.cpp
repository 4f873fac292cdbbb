#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>

#include "support/pictures.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

using testing::drawn_in;
using testing::pixel;
using testing::plain;

TEST(DrawBoxes, EdgesAreInTheColourOfTheClassAndTheInsideIsFree) {
  const Tensor photo = plain(400, 600);
  const Tensor drawn =
      draw_boxes(photo, std::vector<DrawnBox>{{{100, 200, 300, 350}, "dog 0.98", 5}});
  for (const auto& [x, y] : {std::pair{100, 300}, {300, 300}, {200, 350}}) {
    EXPECT_EQ(pixel(drawn, x, y), class_colour(5)) << x << "," << y;
  }
  EXPECT_EQ(drawn_in(drawn, 110, 240, 290, 340), 0);
  EXPECT_EQ(drawn_in(drawn, 310, 0, 600, 400), 0);
  EXPECT_GT(drawn_in(drawn, 98, 170, 180, 199), 1500);  // the label's plate stands on the box
  EXPECT_EQ(drawn_in(photo, 0, 0, 600, 400), 0);        // the input is as it was
}

TEST(DrawBoxes, LettersContrastWithTheirPlate) {
  for (std::int64_t label = 1; label <= 90; ++label) {
    const Tensor drawn =
        draw_boxes(plain(400, 400), std::vector<DrawnBox>{{{50, 200, 300, 350}, "HHHHHH", label}});
    const auto luminance = [](std::uint32_t rgb) {
      return 0.299 * (rgb >> 16) + 0.587 * (rgb >> 8 & 0xFF) + 0.114 * (rgb & 0xFF);
    };
    double largest = 0;
    for (std::int64_t y = 182; y < 196; ++y) {
      for (std::int64_t x = 55; x < 90; ++x) {
        largest = std::max(
            largest, std::abs(luminance(pixel(drawn, x, y)) - luminance(class_colour(label))));
      }
    }
    EXPECT_GT(largest, 110) << label;
  }
}

TEST(DrawBoxes, LabelsAtTheRimStayInsideAndReadable) {
  for (const std::array<float, 4>& box : {std::array<float, 4>{0, 0, 30, 20},
                                          {370, 0, 400, 10},
                                          {380, 280, 400, 300},
                                          {-50, -50, 500, 500},
                                          {0, 0, 0, 0}}) {
    const Tensor drawn =
        draw_boxes(plain(300, 400), std::vector<DrawnBox>{{box, "giraffe 0.75", 3}});
    std::int64_t plate = 0;
    for (std::int64_t y = 0; y < 300; ++y) {
      for (std::int64_t x = 0; x < 400; ++x) plate += pixel(drawn, x, y) == class_colour(3) ? 1 : 0;
    }
    EXPECT_GT(plate, 500) << box[0] << "," << box[1];
  }
}

TEST(DrawBoxes, LabelsOfEqualBoxesDoNotCoverEachOther) {
  const std::vector<DrawnBox> boxes{{{100, 150, 300, 250}, "cat 0.90", 1},
                                    {{100, 150, 300, 250}, "dog 0.80", 2},
                                    {{100, 150, 300, 250}, "fox 0.70", 3}};
  const Tensor drawn = draw_boxes(plain(400, 400), boxes);
  for (const DrawnBox& box : boxes) {
    std::int64_t plate = 0;
    for (std::int64_t y = 0; y < 400; ++y) {
      for (std::int64_t x = 0; x < 400; ++x) {
        plate += pixel(drawn, x, y) == class_colour(box.colour) ? 1 : 0;
      }
    }
    EXPECT_GT(plate, 600) << box.text;
  }
}

TEST(DrawBoxes, AnySizeAndAnyNumbersAreDrawn) {
  std::string long_label(500, 'w');
  long_label += "\xC3\xA4\n";
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<DrawnBox> boxes{{{NAN, 0, 1, 1}, "nowhere", 1},
                                    {{-infinity, 0, infinity, 1}, "nowhere", 1},
                                    {{1e30F, -1e30F, 3, 2}, "far", 2},
                                    {{0, 0, 1, 1}, "", 3},
                                    {{0, 0, 1, 1}, long_label, -7}};
  for (const auto& [height, width] : {std::pair{1, 1}, {1, 500}, {500, 1}, {7, 9}, {2000, 3000}}) {
    EXPECT_EQ(draw_boxes(plain(height, width), boxes).shape, (Shape{1, height, width, 3}));
  }
}

TEST(DrawBoxes, OnlyImagesAreDrawnOn) {
  EXPECT_THROW(draw_boxes(make_tensor({1, 3, 4, 4}, std::vector<float>(48)), {}), Error);
}

TEST(ClassColour, NeighboursAndAllOfCocoDiffer) {
  const auto distance = [](std::uint32_t a, std::uint32_t b) {
    int sum = 0;
    for (const unsigned shift : {16U, 8U, 0U}) {
      sum += std::abs(static_cast<int>(a >> shift & 0xFF) - static_cast<int>(b >> shift & 0xFF));
    }
    return sum;
  };
  for (std::int64_t a = 1; a <= 90; ++a) {
    for (std::int64_t b = a + 1; b <= 90; ++b) {
      const int least = b <= 12 && a <= 12 ? 90 : 1;
      EXPECT_GE(distance(class_colour(a), class_colour(b)), least) << a << " and " << b;
    }
  }
}

TEST(EncodeImage, PngIsExactAndJpegNear) {
  const Tensor image = read_image(TV2ONNX_SOURCE_DIR "/tests/golden/image/colour.png");
  EXPECT_EQ(contiguous_bytes(decode_image(encode_image(image, ImageFormat::kPng))),
            contiguous_bytes(image));
  const Tensor again = decode_image(encode_image(image, ImageFormat::kJpeg));
  ASSERT_EQ(again.shape, image.shape);
  double sum = 0;
  for (std::size_t k = 0; k < image.byte_size(); ++k) {
    sum += std::abs(int{image.as<std::uint8_t>()[k]} - int{again.as<std::uint8_t>()[k]});
  }
  EXPECT_LT(sum / static_cast<double>(image.byte_size()), 6);  // swapped channels give about 70
}

TEST(EncodeImage, TooLargeForJpegIsSaid) {
  EXPECT_THROW(encode_image(plain(1, 70000), ImageFormat::kJpeg), Error);
}

}  // namespace
}  // namespace tv2onnx
