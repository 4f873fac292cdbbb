#pragma once
// XXH3-128: what tells one file from another.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tv2onnx {

/// Takes bytes in parts.
class Hash {
 public:
  Hash();
  ~Hash();
  Hash(const Hash&) = delete;
  Hash& operator=(const Hash&) = delete;

  void add(std::span<const std::byte> bytes);
  void add(std::string_view text) { add(std::as_bytes(std::span(text))); }
  /// 32 hexadecimal digits.
  std::string digits() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The digits of all bytes at once.
std::string hash_digits(std::span<const std::byte> bytes);
std::string hash_digits(std::string_view text);

}  // namespace tv2onnx
