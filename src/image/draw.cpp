// Boxes and labels that stay legible on any photo: every line has a dark rim, every label a plate
// in the colour of its class with black or white letters, and all sizes follow the image.

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "image/pixels.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr double kCapitalHeight = 21;  // of the font at scale 1, in pixels
constexpr int kOversampling = 4;       // letters are drawn larger and averaged down
const cv::Scalar kRim(24, 24, 24);

cv::Scalar colour_of(std::int64_t class_number) {
  const std::uint32_t rgb = class_colour(class_number);
  return {static_cast<double>(rgb >> 16U), static_cast<double>(rgb >> 8U & 0xFFU),
          static_cast<double>(rgb & 0xFFU)};
}

/// Sizes in pixels that suit an image.
struct Style {
  int line;
  double letters;  ///< height of a capital
  int padding;
};

Style style_of(cv::Size size) {
  const double side = std::min(size.width, size.height);
  const bool tiny = side < 200;  // every pixel of it counts
  const double letters = std::clamp(side / 38, tiny ? 8.0 : 9.5, 90.0);
  return {std::max(tiny ? 1 : 2, static_cast<int>(std::lround(side / 220))), letters,
          std::max(2, static_cast<int>(std::lround(letters * 0.45)))};
}

/// Coverage of the letters, 0..255, as tall as every text of the style. Wider than `limit` it is
/// cut at a letter.
cv::Mat letters(std::string text, const Style& style, int limit) {
  for (char& c : text) c = c >= 0x20 && c < 0x7F ? c : '?';
  const double scale = style.letters / kCapitalHeight * kOversampling;
  const int stroke = std::max(1, static_cast<int>(std::lround(style.letters * kOversampling / 7)));
  int baseline = 0;
  const auto measure = [&] { return cv::getTextSize(text, kFont, scale, stroke, &baseline); };
  cv::Size size = measure();
  while (text.size() > 1 && size.width > limit * kOversampling) {
    text.pop_back();
    size = measure();
  }
  const auto rounded = [](int length) { return (length + kOversampling - 1) / kOversampling; };
  const int descent = static_cast<int>(style.letters * kOversampling * 0.3);
  const cv::Size shown(rounded(size.width + stroke), rounded(size.height + descent + stroke));
  cv::Mat large = cv::Mat::zeros(shown * kOversampling, CV_8UC1);
  cv::putText(large, text, {stroke / 2, size.height + stroke / 2}, kFont, scale, 255, stroke,
              cv::LINE_AA);
  cv::Mat small;
  cv::resize(large, small, shown, 0, 0, cv::INTER_AREA);
  return small;
}

/// A box in whole pixels, inside the image with all of its line.
cv::Rect visible_box(const std::array<float, 4>& box, cv::Size image, int line) {
  const auto place = [line](float value, int length) {
    const int margin = std::min(line / 2, length / 2);
    return static_cast<int>(std::lround(
        std::clamp(value, static_cast<float>(margin), static_cast<float>(length - 1 - margin))));
  };
  const cv::Point from(place(box[0], image.width), place(box[1], image.height));
  const cv::Point to(place(box[2], image.width), place(box[3], image.height));
  return {from, to};
}

cv::Rect moved_inside(cv::Rect plate, cv::Size image) {
  plate.x = std::max(0, std::min(plate.x, image.width - plate.width));
  plate.y = std::max(0, std::min(plate.y, image.height - plate.height));
  return plate;
}

/// On, under or inside the box, wherever the labels that are there already leave room.
cv::Rect place_plate(cv::Size size, const cv::Rect& box, int line, cv::Size image,
                     const std::vector<cv::Rect>& taken) {
  const int half = line / 2 + 1;
  const int left = box.x - half;
  const int right = box.x + box.width + half - size.width;
  const int above = box.y - half - size.height;
  const int below = box.y + box.height + half;
  const std::array<cv::Point, 8> corners{{{left, above},
                                          {left, box.y - half},
                                          {left, below},
                                          {left, below - size.height},
                                          {right, above},
                                          {right, box.y - half},
                                          {right, below},
                                          {right, below - size.height}}};
  cv::Rect best;
  int least = INT_MAX;
  for (const cv::Point& corner : corners) {
    const cv::Rect plate = moved_inside({corner, size}, image);
    int covered = 0;
    for (const cv::Rect& other : taken) covered += (plate & other).area();
    if (covered < least) {
      least = covered;
      best = plate;
    }
  }
  return best;
}

void draw_box(cv::Mat& pixels, const cv::Rect& box, const cv::Scalar& colour, int line) {
  // cv::rectangle takes the last pixel as inside, cv::Rect does not
  const cv::Point to(box.x + box.width, box.y + box.height);
  cv::rectangle(pixels, box.tl(), to, kRim, line + 2 * std::max(1, line / 3), cv::LINE_AA);
  cv::rectangle(pixels, box.tl(), to, colour, line, cv::LINE_AA);
}

void draw_label(cv::Mat& pixels, const cv::Mat& text, const cv::Rect& plate,
                const cv::Scalar& colour) {
  const cv::Rect visible = plate & cv::Rect({}, pixels.size());
  pixels(visible).setTo(colour);
  const double luminance = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2];
  const int ink = luminance > 120 ? 0 : 255;
  const cv::Point origin(plate.x + (plate.width - text.cols) / 2,
                         plate.y + (plate.height - text.rows) / 2);
  const cv::Rect letters = cv::Rect(origin, text.size()) & visible;
  for (int y = 0; y < letters.height; ++y) {
    for (int x = 0; x < letters.width; ++x) {
      const int coverage =
          text.at<std::uint8_t>(letters.y - origin.y + y, letters.x - origin.x + x);
      auto& pixel = pixels.at<cv::Vec3b>(letters.y + y, letters.x + x);
      for (int c = 0; c < 3; ++c) {
        pixel[c] = static_cast<std::uint8_t>((pixel[c] * (255 - coverage) + ink * coverage) / 255);
      }
    }
  }
}

}  // namespace

std::uint32_t class_colour(std::int64_t class_number) {
  // Steps of the golden angle keep any run of hues far apart; three shades tell near ones apart.
  constexpr double kGoldenRatio = 0.6180339887498949;
  constexpr std::array<std::array<double, 2>, 3> kShades{
      {{0.80, 1.00}, {0.95, 0.85}, {0.55, 1.00}}};
  const auto number = static_cast<double>(class_number - 1);
  const double hue = 6 * (0.02 + number * kGoldenRatio - std::floor(0.02 + number * kGoldenRatio));
  const auto [saturation, value] =
      kShades[static_cast<std::uint64_t>(class_number) / 5 % kShades.size()];
  const auto channel = [&, s = saturation, v = value](double shift) {
    const double k = std::fmod(shift + hue, 6.0);
    const double level = v - v * s * std::clamp(std::min(k, 4 - k), 0.0, 1.0);
    return static_cast<std::uint32_t>(std::lround(level * 255));
  };
  return channel(5) << 16U | channel(3) << 8U | channel(1);
}

Tensor draw_boxes(const Tensor& image, std::span<const DrawnBox> boxes) {
  cv::Mat pixels = pixels_of(image).clone();
  const Style style = style_of(pixels.size());
  struct Label {
    cv::Mat text;
    cv::Rect box;
    cv::Rect plate;
    cv::Scalar colour;
  };
  std::vector<Label> labels;
  std::vector<cv::Rect> taken;
  for (const DrawnBox& drawn : boxes) {
    if (!std::ranges::all_of(drawn.box, [](float v) { return std::isfinite(v); })) continue;
    Label label{letters(drawn.text, style, pixels.cols - 2 * style.padding),
                visible_box(drawn.box, pixels.size(), style.line),
                {},
                colour_of(drawn.colour)};
    const cv::Size size(label.text.cols + 2 * style.padding, label.text.rows + style.padding);
    label.plate = place_plate(size, label.box, style.line, pixels.size(), taken);
    taken.push_back(label.plate);
    labels.push_back(std::move(label));
  }
  std::ranges::reverse(labels);  // the first is drawn last, on top
  for (const Label& label : labels) draw_box(pixels, label.box, label.colour, style.line);
  for (const Label& label : labels) draw_label(pixels, label.text, label.plate, label.colour);
  return tensor_of(std::move(pixels));
}

}  // namespace tv2onnx
