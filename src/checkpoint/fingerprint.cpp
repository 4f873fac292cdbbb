#include "checkpoint/fingerprint.h"

#include <fmt/format.h>
#include <xxhash.h>

namespace tv2onnx {

std::string fingerprint(const Checkpoint& checkpoint) {
  const XXH128_hash_t hash = XXH3_128bits(checkpoint.bytes().data(), checkpoint.bytes().size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace tv2onnx
