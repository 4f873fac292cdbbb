#pragma once
// Numbers that say how much was found in the traced image, as constants of the graph.

#include <cstdint>
#include <optional>
#include <vector>

#include "rewrite/view.h"

namespace tv2onnx::doctor {

/// A TopK that takes a constant number of what was found.
struct TracedTopK {
  OnnxNode* node = nullptr;
  std::int64_t count = 0;
  /// The most that it should take: the constant; or, where that is only what the traced image had,
  /// torchvision's topk_candidates for this detector.
  std::int64_t limit = 0;

  bool cuts() const { return count < limit; }
};

std::vector<TracedTopK> find_traced_top_k(const View& view);

/// The one of the largest count, if the file does not tell the limit of candidates of a one-stage
/// detector: all counts are below torchvision's.
std::optional<TracedTopK> untold_limit(const View& view);

/// Whether an axis, an attribute as it stands, is the one along which a list of what was found is
/// as long as it happens to be.
bool runs_along_found(const View& view, std::string_view list, std::int64_t axis);

}  // namespace tv2onnx::doctor
