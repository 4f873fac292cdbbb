// WebP by libwebp.

#include <webp/decode.h>

#include "image/codec.h"

namespace tv2onnx {

Pixels decode_webp(Bytes file, std::int64_t max_pixels) {
  WebPBitstreamFeatures features;
  const VP8StatusCode status = WebPGetFeatures(bytes_at(file), file.size(), &features);
  if (status == VP8_STATUS_NOT_ENOUGH_DATA) throw_damaged("the file ends in its header");
  if (status != VP8_STATUS_OK) throw_damaged("libwebp cannot read its header");
  if (features.has_animation != 0) throw_unsupported("an animated WebP");
  const Pixels pixels = allocate_pixels(features.width, features.height, max_pixels);
  if (WebPDecodeRGBInto(bytes_at(file), file.size(), pixels.rgb.get(), pixels.byte_size(),
                        static_cast<int>(pixels.row_bytes())) == nullptr) {
    throw_damaged("the compressed data are incomplete or garbled");
  }
  return pixels;
}

}  // namespace tv2onnx
