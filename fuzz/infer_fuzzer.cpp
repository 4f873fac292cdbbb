// Inference requests of the server: JSON alone, and with tensors behind as many bytes of JSON as
// the first two bytes say.

#include <cstdlib>
#include <string_view>

#include "fuzz.h"
#include "serve/protocol.h"

namespace {

void read(std::string_view body, std::optional<std::size_t> json_length) {
  tv2onnx::may_refuse([&] {
    for (const auto& input : tv2onnx::serve::parse_infer(body, json_length).inputs) {
      if (!input.bytes) tv2onnx::to_float(input.tensor);
    }
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (size < 2) return 0;
  read(body.substr(2), {});
  read(body.substr(2), data[0] + (std::size_t{data[1]} << 8U));
  return 0;
}
