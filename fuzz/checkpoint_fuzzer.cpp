// Checkpoints of any format, from their first bytes to the model that they are taken for.

#include "fuzz.h"
#include "tv2onnx/zoo.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tv2onnx::may_refuse([&] {
    const tv2onnx::Checkpoint checkpoint =
        tv2onnx::open_checkpoint(tv2onnx::bytes_of(data, size), "fuzzed");
    for (const tv2onnx::NamedTensor& each : checkpoint.tensors) tv2onnx::to_float(each.tensor);
    tv2onnx::recognise(checkpoint);
  });
  return 0;
}
