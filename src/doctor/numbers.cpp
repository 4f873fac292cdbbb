#include "doctor/numbers.h"

#include <cstdint>
#include <cstring>

namespace tv2onnx::doctor {
namespace {

/// IEEE 754 numbers of `kFraction` bits of fraction.
template <typename Bits, int kFraction>
NumberCount count(const Tensor& tensor) {
  constexpr Bits kSign = Bits{1} << (8 * sizeof(Bits) - 1);
  constexpr Bits kFractionMask = (Bits{1} << kFraction) - 1;
  constexpr auto kExponentMask = static_cast<Bits>(~(kSign | kFractionMask));
  NumberCount found;
  found.all = static_cast<std::size_t>(tensor.size());
  const auto* place = static_cast<const std::byte*>(tensor.data);
  for (std::size_t k = 0; k < found.all; ++k) {
    Bits bits;
    std::memcpy(&bits, place + k * sizeof(Bits), sizeof(Bits));
    const auto exponent = static_cast<Bits>(bits & kExponentMask);
    const auto fraction = static_cast<Bits>(bits & kFractionMask);
    if (exponent == 0) {
      ++(fraction == 0 ? found.zero : found.denormal);
    } else if (exponent == kExponentMask) {
      ++(fraction == 0 ? found.infinite : found.nan);
    }
  }
  return found;
}

}  // namespace

NumberCount count_numbers(const Tensor& tensor) {
  switch (tensor.dtype) {
    case DType::kFloat32: return count<std::uint32_t, 23>(tensor);
    case DType::kFloat64: return count<std::uint64_t, 52>(tensor);
    case DType::kFloat16: return count<std::uint16_t, 10>(tensor);
    case DType::kBFloat16: return count<std::uint16_t, 7>(tensor);
    default: return {};
  }
}

}  // namespace tv2onnx::doctor
