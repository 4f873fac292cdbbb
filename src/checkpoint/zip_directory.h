#pragma once
// Where the central directory of a zip archive is, and what both parts of the reader need.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/byte_reader.h"
#include "tv2onnx/error_code.h"

namespace tv2onnx {

inline constexpr ErrorCode kZipCode = "C004";
/// Stands where a number did not fit into 32 bits.
inline constexpr std::uint32_t kZipIn64 = 0xFFFFFFFF;

struct ZipDirectory {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t count = 0;
  std::uint64_t end = 0;  ///< where the (ZIP64) end record starts
};

/// \throws Error C004, C002 (no end record: the file was cut off).
ZipDirectory find_zip_directory(std::span<const std::byte> file);

[[noreturn]] void fail_zip(std::string found, std::uint64_t offset, std::string_view entry = {},
                           std::string hint = {});
/// What starts at `offset`, called `what` in messages.
ByteReader zip_reader_at(std::span<const std::byte> file, std::uint64_t offset,
                         std::string_view what);
/// Takes the four bytes of a signature.
void require_zip_signature(ByteReader& reader, std::string_view signature, std::string_view what);

}  // namespace tv2onnx
