// The pickle machine alone, and bare pickles with tensors.

#include "checkpoint/pickle.h"

#include "checkpoint/bare_pickle.h"
#include "checkpoint/plain.h"
#include "fuzz.h"

namespace {

void read_values(std::span<const std::byte> bytes) {
  tv2onnx::may_refuse([&] {
    const tv2onnx::PickleResult result =
        tv2onnx::read_pickle(bytes, 0, tv2onnx::PickleLimits::for_file(bytes.size()));
    tv2onnx::Budget budget(bytes.size());
    tv2onnx::to_setting(result.tree, result.tree.root, budget);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes = tv2onnx::bytes_of(data, size);
  read_values(bytes);
  tv2onnx::fuzz_reader(tv2onnx::read_bare_pickle, bytes);
  return 0;
}
