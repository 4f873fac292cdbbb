// Checkpoints in the format of checkpoint/safetensors.h.

#include "checkpoint/safetensors.h"

#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tv2onnx::fuzz_reader(tv2onnx::read_safetensors, tv2onnx::bytes_of(data, size));
  return 0;
}
