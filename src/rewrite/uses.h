#pragma once
// Who produces and who reads a value: what patterns are matched with.

#include <cstdint>
#include <vector>

#include "tv2onnx/graph.h"

namespace tv2onnx {

/// A snapshot; valid until nodes are added or inputs change.
class Uses {
 public:
  explicit Uses(const Graph& graph);

  /// Readers of a value; being a graph output counts as one.
  std::size_t count(std::uint32_t id) const { return counts_[id]; }
  /// Index of the node that produces a value, or -1 for inputs and initialisers.
  std::ptrdiff_t producer(std::uint32_t id) const { return producers_[id]; }

 private:
  std::vector<std::size_t> counts_;
  std::vector<std::ptrdiff_t> producers_;
};

}  // namespace tv2onnx
