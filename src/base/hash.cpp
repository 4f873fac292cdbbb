#include "base/hash.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <new>

#if defined(__ELF__) && !defined(XXH_INLINE_ALL)
// The same with the widest instructions that the processor has: twice as fast. Not in every
// library.
extern "C" __attribute__((weak)) XXH_errorcode XXH3_128bits_update_dispatch(XXH3_state_t*,
                                                                            const void*, size_t);
#else
constexpr decltype(&XXH3_128bits_update) XXH3_128bits_update_dispatch = nullptr;
#endif

namespace tv2onnx {

struct Hash::State {
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> hash{XXH3_createState(),
                                                                &XXH3_freeState};
};

Hash::Hash() : state_(std::make_unique<State>()) {
  if (state_->hash == nullptr) throw std::bad_alloc();
  XXH3_128bits_reset(state_->hash.get());
}

Hash::~Hash() = default;

void Hash::add(std::span<const std::byte> bytes) {
  const auto update =
      XXH3_128bits_update_dispatch != nullptr ? XXH3_128bits_update_dispatch : XXH3_128bits_update;
  update(state_->hash.get(), bytes.data(), bytes.size());
}

std::string Hash::digits() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_->hash.get());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string hash_digits(std::span<const std::byte> bytes) {
  Hash hash;
  hash.add(bytes);
  return hash.digits();
}

std::string hash_digits(std::string_view text) {
  return hash_digits(std::as_bytes(std::span(text)));
}

}  // namespace tv2onnx
