#pragma once
// Names on plates in the colour of their class.

#include <string>

#include "image/drawing_style.h"

namespace tv2onnx {

/// The text as it is drawn: wider than `limit` it is cut at a letter.
Lettering lettering(std::string text, const DrawingStyle& style, int limit);

/// What the letters need, at 0, 0.
Rect plate_of(const Lettering& letters, const DrawingStyle& style);

/// Black or white letters, whichever can be read on the colour.
void draw_plate(const Pixels& pixels, const Lettering& letters, const Rect& plate,
                const Rgb& colour, const DrawingStyle& style);

}  // namespace tv2onnx
