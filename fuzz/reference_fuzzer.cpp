// Recorded references; what they hold is compared with itself, as verify does it.

#include "verify/recorded.h"

#include "fuzz.h"

namespace {

void compare_with_itself(const tv2onnx::Reference& reference) {
  if (reference.task != tv2onnx::Task::kDetection) return;
  for (const tv2onnx::ReferenceCase& one : reference.cases) {
    for (const tv2onnx::NamedTensors& tensors : one.images) {
      const tv2onnx::RecordedDetections recorded = tv2onnx::detections_of(tensors);
      tv2onnx::compare(recorded.detections, recorded.detections, {}, {}, recorded.evidence());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tv2onnx::may_refuse([&] {
    compare_with_itself(tv2onnx::recorded_reference(
        tv2onnx::open_checkpoint(tv2onnx::bytes_of(data, size), "fuzzed")));
  });
  return 0;
}
