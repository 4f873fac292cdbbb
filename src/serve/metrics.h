#pragma once
// Figures for Prometheus, in its text format. Names are Triton's where they mean the same.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "serve/http.h"

namespace tv2onnx::serve {

/// Sums since the start; times in microseconds.
struct ModelCounts {
  std::atomic<std::uint64_t> success{0};     ///< requests
  std::atomic<std::uint64_t> failure{0};     ///< likewise
  std::atomic<std::uint64_t> inferences{0};  ///< images, or calls of the model as it is
  std::atomic<std::uint64_t> request_us{0};  ///< from the whole request to its answer
  std::atomic<std::uint64_t> input_us{0};    ///< decoding
  std::atomic<std::uint64_t> queue_us{0};    ///< waiting
  std::atomic<std::uint64_t> infer_us{0};    ///< running
  std::atomic<std::uint64_t> output_us{0};   ///< writing the answer
};

inline std::uint64_t microseconds(std::chrono::nanoseconds time) {
  return static_cast<std::uint64_t>(time.count() / 1000);
}

struct ModelMetrics {
  std::string name;
  const ModelCounts* counts = nullptr;
  std::uint64_t runs = 0;
  std::size_t waiting = 0;
};

std::string metrics_text(std::span<const ModelMetrics> models, const HttpCounts& http);

}  // namespace tv2onnx::serve
