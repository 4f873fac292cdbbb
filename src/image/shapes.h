#pragma once
// What drawings are made of, antialiased. Places are in pixels; the middle of the first pixel is
// 0.5, as detectors count.

#include <array>
#include <cstdint>
#include <string>

#include "image/pixels.h"

namespace tv2onnx {

struct Rgb {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
};

/// Whole pixels.
struct Rect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;

  int right() const { return x + width; }
  int bottom() const { return y + height; }
};

/// What both have in common; empty if nothing.
Rect common_part(const Rect& a, const Rect& b);

/// All of an image.
inline Rect area_of(const Pixels& pixels) {
  return {0, 0, pixels.width, pixels.height};
}

using Place = std::array<double, 2>;

/// Colours a pixel with `coverage` of 255 parts.
void blend(std::uint8_t* pixel, const Rgb& colour, int coverage);

void fill_rectangle(const Pixels& pixels, const Rect& rect, const Rgb& colour);

/// With round ends.
void draw_line(const Pixels& pixels, const Place& from, const Place& to, double width,
               const Rgb& colour);

void draw_disc(const Pixels& pixels, const Place& centre, double radius, const Rgb& colour);

/// Letters of lines; `text` is printable ASCII.
struct Lettering {
  std::string text;
  double capital_height = 0;

  double stroke() const { return capital_height / 5.5; }
  double width() const;    ///< of all letters, with their strokes
  double descent() const;  ///< what g and y need below the line
};

/// `start` is where the line of the letters' feet begins.
void draw_letters(const Pixels& pixels, const Lettering& letters, const Place& start,
                  const Rgb& colour);

}  // namespace tv2onnx
