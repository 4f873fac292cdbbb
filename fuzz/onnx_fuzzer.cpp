// ONNX files in the reader, and what they declare.

#include "onnx/model.h"

#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tv2onnx::may_refuse(
      [&] { tv2onnx::summarize(tv2onnx::parse_onnx_model(tv2onnx::bytes_of(data, size))); });
  return 0;
}
