// COCO's annotations, which name the numbers of images.

#include "coco/annotations.h"

#include <string_view>

#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tv2onnx::Paths images{"039.jpg", "b/000000000139.jpg"};
  tv2onnx::may_refuse([&] {
    tv2onnx::annotated_ids(images, {reinterpret_cast<const char*>(data), size}, "fuzzed");
  });
  return 0;
}
