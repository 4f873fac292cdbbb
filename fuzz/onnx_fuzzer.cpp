// What an ONNX file declares (read_onnx_summary). Seeds: tests/golden/runtime.

#include <cstddef>
#include <cstdint>
#include <span>

#include "onnx/reader.h"
#include "tv2onnx/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    tv2onnx::summarize_onnx(std::as_bytes(std::span(data, size)));
  } catch (const tv2onnx::Error&) {
    // The expected answer to most inputs.
  }
  return 0;
}
