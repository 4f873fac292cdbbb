#pragma once
// One decoder per format, each with the reference library of its format.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "image/pixels.h"

namespace tv2onnx {

using Bytes = std::span<const std::byte>;

// All as stored (orientation not applied). \throws Error as allocate_pixels.
Pixels decode_jpeg(Bytes file, std::int64_t max_pixels);
Pixels decode_png(Bytes file, std::int64_t max_pixels);
Pixels decode_webp(Bytes file, std::int64_t max_pixels);
Pixels decode_bmp(Bytes file, std::int64_t max_pixels);

/// int32 [height, width] of the numbers that are stored, of a palette or grey of 1, 8 or 16 bits.
Tensor decode_png_labels(Bytes file);

/// \throws Error I003 if there are more pixels than `max_pixels`, I002 if there are none.
void require_size(std::int64_t width, std::int64_t height, std::int64_t max_pixels);
/// \throws Error likewise.
Pixels allocate_pixels(std::int64_t width, std::int64_t height, std::int64_t max_pixels);

[[noreturn]] void throw_damaged(const std::string& reason);      ///< Error I002
[[noreturn]] void throw_unsupported(const std::string& reason);  ///< Error I004

/// The 8-bit pointer that the C libraries take.
inline const std::uint8_t* bytes_at(Bytes file, std::size_t offset = 0) {
  return reinterpret_cast<const std::uint8_t*>(file.data()) + offset;
}

/// An unsigned number of `size` bytes at `offset`, 0 where the file has ended.
inline std::uint32_t number_at(Bytes file, std::size_t offset, std::size_t size, bool big_endian) {
  if (offset > file.size() || file.size() - offset < size) return 0;
  std::uint32_t number = 0;
  for (std::size_t k = 0; k < size; ++k) {
    const std::size_t place = big_endian ? k : size - 1 - k;
    number = (number << 8U) | bytes_at(file, offset)[place];
  }
  return number;
}

}  // namespace tv2onnx
