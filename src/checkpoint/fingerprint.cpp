#include "checkpoint/fingerprint.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <memory>

namespace tv2onnx {
namespace {

std::string digits(const XXH128_hash_t& hash) {
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

/// Names, types, shapes and bytes of all tensors, in their order.
std::string of_tensors(const Checkpoint& checkpoint) {
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                       &XXH3_freeState);
  XXH3_128bits_reset(state.get());
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const std::string head =
        fmt::format("{} {} {}\n", name, dtype_name(tensor.dtype), shape_text(tensor.shape));
    XXH3_128bits_update(state.get(), head.data(), head.size());
    if (tensor.is_contiguous()) {
      XXH3_128bits_update(state.get(), tensor.data, tensor.byte_size());
    } else {
      const std::vector<std::byte> bytes = contiguous_bytes(tensor);
      XXH3_128bits_update(state.get(), bytes.data(), bytes.size());
    }
  }
  return digits(XXH3_128bits_digest(state.get()));
}

}  // namespace

std::string fingerprint(const Checkpoint& checkpoint) {
  if (checkpoint.bytes().empty()) return of_tensors(checkpoint);
  return digits(XXH3_128bits(checkpoint.bytes().data(), checkpoint.bytes().size()));
}

}  // namespace tv2onnx
