#pragma once
// Tar archives (POSIX ustar), as torch.save wrote them before 0.1.10: blocks of 512 bytes, a header
// and then the bytes for each member. Plain files only; links and folders are refused.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tv2onnx {

struct TarMember {
  std::string_view name;
  std::span<const std::byte> bytes;
  std::uint64_t offset = 0;  ///< of the bytes in the file
};

/// \throws Error C006, C002.
std::vector<TarMember> read_tar(std::span<const std::byte> file);

}  // namespace tv2onnx
