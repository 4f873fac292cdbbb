#include "base/svg.h"

#include <fmt/format.h>

#include "base/text.h"

namespace tv2onnx {
namespace {

std::string escaped(std::string_view words) {
  std::string text;
  for (const char letter : printable(words)) {
    if (letter == '<') {
      text += "&lt;";
    } else if (letter == '&') {
      text += "&amp;";
    } else {
      text += letter;
    }
  }
  return text;
}

}  // namespace

void Svg::line(std::array<double, 2> from, std::array<double, 2> to, std::string_view colour) {
  curve({from, to}, colour);
}

void Svg::curve(const std::vector<std::array<double, 2>>& points, std::string_view colour) {
  std::string places;
  for (const auto& [x, y] : points) places += fmt::format(" {:.1f},{:.1f}", x, y);
  shapes_ += fmt::format("<polyline fill=\"none\" stroke=\"{}\" points=\"{}\"/>\n", colour,
                         places.empty() ? "" : places.substr(1));
}

void Svg::bar(std::array<double, 2> at, std::array<double, 2> size, std::string_view colour) {
  shapes_ += fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"/>\n", at[0],
      at[1], size[0], size[1], colour);
}

void Svg::text(std::array<double, 2> at, std::string_view words, std::string_view anchor) {
  shapes_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", at[0],
                         at[1], anchor, escaped(words));
}

std::string Svg::str() const {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 "
      "0 {0:.0f} {1:.0f}\" font-family=\"sans-serif\" font-size=\"13\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{2}</svg>\n",
      width_, height_, shapes_);
}

}  // namespace tv2onnx
