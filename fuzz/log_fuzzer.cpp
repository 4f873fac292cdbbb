// Logs, which doctor --log explains: expressions over text of strangers.

#include <string_view>

#include "fuzz.h"
#include "tv2onnx/doctor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tv2onnx::explain_log({reinterpret_cast<const char*>(data), size});
  return 0;
}
