#pragma once
// Whether a shared library is all there. The dynamic linker maps a file that was cut off and the
// program dies (SIGBUS) when it first reads what is missing.

#include <filesystem>
#include <string>

namespace tv2onnx {

/// What shows that the library is damaged ("it ends at byte N of M"), or "": whole as far as its
/// headers tell, or no 64-bit ELF file, which the dynamic linker refuses itself.
std::string damage_of_library(const std::filesystem::path& path);

}  // namespace tv2onnx
