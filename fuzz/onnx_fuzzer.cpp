// ONNX files in read_onnx_summary.

#include "onnx/reader.h"

#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    tv2onnx::summarize_onnx(tv2onnx::bytes_of(data, size));
  } catch (const tv2onnx::Error&) {
    // refused, with a reason: as it should be
  }
  return 0;
}
