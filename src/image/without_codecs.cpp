// The codecs and the drawing in builds that do not have them (TV2ONNX_IMAGES=OFF): what needs no
// photo works there.

#include "image/codec.h"
#include "image/shapes.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

[[noreturn]] void refuse() {
  throw Error({.code = "I004",
               .found = "this build of tv2onnx reads BMP photos only, and draws none",
               .expected = "a build with TV2ONNX_IMAGES=ON, which needs libjpeg, libpng, libwebp "
                           "and AGG"});
}

}  // namespace

Pixels decode_jpeg(Bytes /*file*/, std::int64_t /*max_pixels*/) {
  refuse();
}

Pixels decode_png(Bytes /*file*/, std::int64_t /*max_pixels*/) {
  refuse();
}

Pixels decode_webp(Bytes /*file*/, std::int64_t /*max_pixels*/) {
  refuse();
}

Tensor decode_png_labels(Bytes /*file*/) {
  refuse();
}

std::vector<std::byte> encode_image(const Tensor& /*image*/, ImageFormat /*format*/) {
  refuse();
}

std::vector<std::byte> encode_label_map(const Tensor& /*labels*/) {
  refuse();
}

void draw_line(const Pixels& /*pixels*/, const Place& /*from*/, const Place& /*to*/,
               double /*width*/, const Rgb& /*colour*/) {
  refuse();
}

void draw_disc(const Pixels& /*pixels*/, const Place& /*centre*/, double /*radius*/,
               const Rgb& /*colour*/) {
  refuse();
}

double Lettering::width() const {
  refuse();
}

double Lettering::descent() const {
  refuse();
}

void draw_letters(const Pixels& /*pixels*/, const Lettering& /*letters*/, const Place& /*start*/,
                  const Rgb& /*colour*/) {
  refuse();
}

}  // namespace tv2onnx
