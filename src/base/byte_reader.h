#pragma once
// Reads numbers and ranges from bytes of a file and never beyond them.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "tv2onnx/error_code.h"

namespace tv2onnx {

static_assert(std::endian::native == std::endian::little, "files are read in place");

inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

class ByteReader {
 public:
  /// `base` is the offset of `bytes` in the file, for messages; `code` is that of the Error thrown
  /// when the bytes end too early.
  ByteReader(std::span<const std::byte> bytes, std::uint64_t base, ErrorCode code)
      : bytes_(bytes), base_(base), code_(code) {}

  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }
  std::uint64_t file_offset() const { return base_ + position_; }

  /// What was not read yet.
  std::span<const std::byte> rest() const { return bytes_.subspan(position_); }
  /// The next `count` bytes. `what` names them in the message of the Error.
  std::span<const std::byte> take(std::uint64_t count, std::string_view what) {
    if (count > remaining()) fail(count, what);
    const auto taken = bytes_.subspan(position_, static_cast<std::size_t>(count));
    position_ += taken.size();
    return taken;
  }
  std::string_view text(std::uint64_t count, std::string_view what) {
    return as_text(take(count, what));
  }
  /// A little-endian number.
  template <typename T>
  T number(std::string_view what) {
    T value;
    std::memcpy(&value, take(sizeof value, what).data(), sizeof value);
    return value;
  }
  /// Text up to the next line feed, which is consumed and not returned.
  std::string_view line(std::string_view what);

 private:
  [[noreturn]] void fail(std::uint64_t count, std::string_view what) const;

  std::span<const std::byte> bytes_;
  std::uint64_t base_;
  ErrorCode code_;
  std::size_t position_ = 0;
};

}  // namespace tv2onnx
