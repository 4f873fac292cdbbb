#pragma once
// Whether any of many numbers is large, infinite or no number: all weights go through here.

#include <cstddef>
#include <cstring>
#include <limits>
#include <span>

namespace tv2onnx {

/// Whether the bits of any number, without its sign, are `least` or more: those of infinity are
/// below those of NaN, and above all others, which are in their order. In blocks of a known length,
/// which compilers turn into a few instructions.
template <typename Bits>
bool any_from(std::span<const std::byte> bytes, Bits least) {
  constexpr Bits kNoSign = std::numeric_limits<Bits>::max();
  constexpr std::size_t kBlock = 1024;
  // Negative if the number is `least` or more.
  const auto below = [&](const std::byte* at) {
    Bits bits;
    std::memcpy(&bits, at, sizeof bits);
    return static_cast<Bits>(least - 1 - (bits & kNoSign));
  };
  const std::byte* at = bytes.data();
  Bits all = 0;
  for (std::size_t k = bytes.size() / sizeof(Bits) / kBlock; k > 0; --k) {
    for (std::size_t j = 0; j < kBlock; ++j) all |= below(at + j * sizeof(Bits));
    if (all < 0) return true;
    at += kBlock * sizeof(Bits);
  }
  for (std::size_t j = bytes.size() / sizeof(Bits) % kBlock; j > 0; --j, at += sizeof(Bits)) {
    all |= below(at);
  }
  return all < 0;
}

}  // namespace tv2onnx
