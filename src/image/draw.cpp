// Boxes and labels that stay legible on any photo: every line has a dark rim, every label a plate
// in the colour of its class with black or white letters, and all sizes follow the image.

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "image/drawing_style.h"
#include "image/pixels.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr double kCapitalHeight = 21;  // of the font at scale 1, in pixels
constexpr int kOversampling = 4;       // letters are drawn larger and averaged down

/// Coverage of the letters, 0..255, as tall as every text of the style. Wider than `limit` it is
/// cut at a letter.
cv::Mat letters(std::string text, const DrawingStyle& style, int limit) {
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

void draw_box(cv::Mat& pixels, const cv::Rect& box, const cv::Scalar& colour,
              const DrawingStyle& style) {
  // cv::rectangle takes the last pixel as inside, cv::Rect does not
  const cv::Point to(box.x + box.width, box.y + box.height);
  cv::rectangle(pixels, box.tl(), to, kRim, style.rimmed(), cv::LINE_AA);
  cv::rectangle(pixels, box.tl(), to, colour, style.line, cv::LINE_AA);
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

Tensor draw_boxes(const Tensor& image, std::span<const DrawnBox> boxes) {
  cv::Mat pixels = pixels_of(image).clone();
  const DrawingStyle style = style_of(pixels.size());
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
  for (const Label& label : labels) draw_box(pixels, label.box, label.colour, style);
  for (const Label& label : labels) draw_label(pixels, label.text, label.plate, label.colour);
  return tensor_of(std::move(pixels));
}

}  // namespace tv2onnx
