#pragma once
// How a request that is not as it should be is refused.

#include <string>

namespace tv2onnx::serve {

/// \throws Error R006
[[noreturn]] void refuse(std::string found, std::string expected = "", std::string item = "");

}  // namespace tv2onnx::serve
