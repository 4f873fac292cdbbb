// Checkpoints in the format of checkpoint/torch_legacy.h.

#include "checkpoint/torch_legacy.h"

#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tv2onnx::fuzz_reader(tv2onnx::read_torch_legacy, tv2onnx::bytes_of(data, size));
  return 0;
}
