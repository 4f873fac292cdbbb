// Lines, discs and letters by AGG (Anti-Grain Geometry), which needs no further library.

#include "image/shapes.h"

#include <agg_conv_stroke.h>
#include <agg_ellipse.h>
#include <agg_gsv_text.h>
#include <agg_path_storage.h>
#include <agg_pixfmt_rgb.h>
#include <agg_rasterizer_scanline_aa.h>
#include <agg_renderer_base.h>
#include <agg_renderer_scanline.h>
#include <agg_rendering_buffer.h>
#include <agg_scanline_u.h>

#include <algorithm>

namespace tv2onnx {
namespace {

template <typename Outline>
void fill_outline(const Pixels& pixels, Outline& outline, const Rgb& colour) {
  agg::rendering_buffer rows(pixels.rgb.get(), static_cast<unsigned>(pixels.width),
                             static_cast<unsigned>(pixels.height),
                             static_cast<int>(pixels.row_bytes()));
  agg::pixfmt_rgb24 format(rows);
  agg::renderer_base<agg::pixfmt_rgb24> renderer(format);
  agg::rasterizer_scanline_aa<> rasterizer;
  rasterizer.clip_box(0, 0, pixels.width, pixels.height);
  rasterizer.add_path(outline);
  agg::scanline_u8 scanline;
  agg::render_scanlines_aa_solid(rasterizer, scanline, renderer,
                                 agg::rgba8(colour.red, colour.green, colour.blue));
}

template <typename Path>
void stroke_path(const Pixels& pixels, Path& path, double width, const Rgb& colour) {
  agg::conv_stroke<Path> stroke(path);
  stroke.width(width);
  stroke.line_cap(agg::round_cap);
  stroke.line_join(agg::round_join);
  fill_outline(pixels, stroke, colour);
}

}  // namespace

void draw_line(const Pixels& pixels, const Place& from, const Place& to, double width,
               const Rgb& colour) {
  agg::path_storage path;
  path.move_to(from[0], from[1]);
  path.line_to(to[0], to[1]);
  stroke_path(pixels, path, width, colour);
}

void draw_disc(const Pixels& pixels, const Place& centre, double radius, const Rgb& colour) {
  agg::ellipse circle(centre[0], centre[1], radius, radius);
  fill_outline(pixels, circle, colour);
}

double Lettering::width() const {
  agg::gsv_text font;
  font.size(capital_height);
  font.text(text.c_str());
  return font.text_width() + stroke();
}

double Lettering::descent() const {
  return capital_height / 3 + stroke() / 2;
}

void draw_letters(const Pixels& pixels, const Lettering& letters, const Place& start,
                  const Rgb& colour) {
  agg::gsv_text font;
  font.size(letters.capital_height);
  font.flip(true);  // y grows downwards
  font.start_point(start[0] + letters.stroke() / 2, start[1]);
  font.text(letters.text.c_str());
  stroke_path(pixels, font, letters.stroke(), colour);
}

}  // namespace tv2onnx
