#pragma once
// How much of a text a person gets to see.

#include <cstddef>

namespace tv2onnx {

/// In bytes, of what is shown in full: as long as a path may be. A limit for printable().
inline constexpr std::size_t kLongestShown = 4096;

}  // namespace tv2onnx
