#pragma once
// The calling thread takes part in the computation. ONNX Runtime sets "denormals are zero" for its
// own threads, but for the caller only once per process and for good; this sets it for a scope.

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#include <cstdint>

namespace tv2onnx {

/// Saves the floating-point mode of this thread, optionally turns denormals to zero, and restores
/// the mode at the end of the scope.
class DenormalScope {
 public:
  explicit DenormalScope(bool denormals_as_zero) : saved_(mode()) {
    if (denormals_as_zero) set_mode(saved_ | kFlush);
  }
  ~DenormalScope() { set_mode(saved_); }
  DenormalScope(const DenormalScope&) = delete;
  DenormalScope& operator=(const DenormalScope&) = delete;

 private:
#if defined(__SSE2__)
  static constexpr std::uint64_t kFlush = 0x8040;  // FTZ and DAZ
  static std::uint64_t mode() { return _mm_getcsr(); }
  static void set_mode(std::uint64_t value) { _mm_setcsr(static_cast<unsigned>(value)); }
#elif defined(__aarch64__)
  static constexpr std::uint64_t kFlush = 1U << 24;  // FZ
  static std::uint64_t mode() {
    std::uint64_t value = 0;
    asm volatile("mrs %0, fpcr" : "=r"(value));
    return value;
  }
  static void set_mode(std::uint64_t value) { asm volatile("msr fpcr, %0" : : "r"(value)); }
#else
  static constexpr std::uint64_t kFlush = 0;
  static std::uint64_t mode() { return 0; }
  static void set_mode(std::uint64_t) {}
#endif

  std::uint64_t saved_;
};

}  // namespace tv2onnx
