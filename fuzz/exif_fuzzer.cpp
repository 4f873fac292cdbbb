// EXIF data in JPEG, PNG and WebP files; malformed ones count as absent, so nothing is refused.

#include "image/exif.h"

#include <cstdlib>

#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int orientation = tv2onnx::exif_orientation(tv2onnx::bytes_of(data, size));
  if (orientation < 1 || orientation > 8) std::abort();
  const tv2onnx::Pixels turned = tv2onnx::upright(tv2onnx::make_pixels(3, 2), orientation);
  if (turned.byte_size() != 18) std::abort();
  return 0;
}
