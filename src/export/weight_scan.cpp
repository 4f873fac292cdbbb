#include "export/weight_scan.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/hash.h"
#include "checkpoint/fingerprint.h"
#include "export/number_bits.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kBlock = 1 << 16;  // bytes: near caches hold them for the second look

bool is_plain(const Tensor& tensor) {
  return tensor.dtype == DType::kFloat32 && tensor.is_contiguous();
}

/// The bytes of all tensors that can be looked at as they lie, in the order of the file.
std::vector<std::span<const std::byte>> plain_numbers(const Checkpoint& checkpoint) {
  const std::span<const std::byte> file = checkpoint.bytes();
  const std::less_equal<const std::byte*> not_behind;
  std::vector<std::span<const std::byte>> all;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const std::span numbers(tensor.data, tensor.byte_size());
    const bool inside = not_behind(file.data(), numbers.data()) &&
                        not_behind(numbers.data() + numbers.size(), file.data() + file.size());
    if (is_plain(tensor) && !numbers.empty() && inside) all.push_back(numbers);
  }
  std::ranges::sort(all, std::less{}, &std::span<const std::byte>::data);
  return all;
}

/// Adds the numbers to the hash; whether all are small.
bool add_numbers(Hash& hash, std::span<const std::byte> numbers) {
  bool small = true;
  while (!numbers.empty()) {
    const std::span<const std::byte> block = numbers.first(std::min(kBlock, numbers.size()));
    hash.add(block);
    small = small && !any_from(block, std::bit_cast<std::int32_t>(WeightScan::kSmall));
    numbers = numbers.subspan(block.size());
  }
  return small;
}

}  // namespace

bool WeightScan::knows_small(const Tensor& tensor) const {
  const auto found = small.find(tensor.data);
  return found != small.end() && is_plain(tensor) && tensor.byte_size() <= found->second;
}

WeightScan scan_weights(const Checkpoint& checkpoint) {
  const std::span<const std::byte> file = checkpoint.bytes();
  WeightScan scan;
  if (file.empty()) {
    scan.fingerprint = fingerprint(checkpoint);
    return scan;
  }
  Hash hash;
  const std::byte* at = file.data();
  for (const std::span<const std::byte> numbers : plain_numbers(checkpoint)) {
    if (numbers.data() < at) continue;  // another view of the same numbers
    hash.add({at, numbers.data()});
    if (add_numbers(hash, numbers)) scan.small.emplace(numbers.data(), numbers.size());
    at = numbers.data() + numbers.size();
  }
  hash.add({at, file.data() + file.size()});
  scan.fingerprint = hash.digits();
  return scan;
}

}  // namespace tv2onnx
