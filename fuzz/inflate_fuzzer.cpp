// The compression of zip entries, checkpoint/inflate.h, without the archive around it.

#include "checkpoint/inflate.h"

#include <cstdlib>

#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMost = 1 << 20;
  const auto text = tv2onnx::inflate(tv2onnx::bytes_of(data, size), kMost);
  if (text && text->size() > kMost) std::abort();
  return 0;
}
