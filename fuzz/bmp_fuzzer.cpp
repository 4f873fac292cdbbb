// Pictures in the format of image/bmp.cpp.

#include "fuzz.h"
#include "image/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tv2onnx::may_refuse(
      [&] { tv2onnx::decode_bmp(tv2onnx::bytes_of(data, size), tv2onnx::kMaxPixels); });
  return 0;
}
