#pragma once
// What a file has and nothing needs. Taking it away changes no result.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "rewrite/view.h"

namespace tv2onnx {

struct Debris {
  std::vector<const OnnxNode*> nodes;      ///< that no output needs
  std::vector<const OnnxTensor*> tensors;  ///< likewise
  std::vector<OnnxNode*> identities;       ///< whose readers can take what they copy
  struct Copy {
    const OnnxTensor* tensor = nullptr;
    const OnnxTensor* first = nullptr;  ///< the same numbers, earlier in the file
  };
  std::vector<Copy> copies;
  std::uint64_t bytes = 0;  ///< of the tensors and copies

  std::size_t size() const {
    return nodes.size() + tensors.size() + identities.size() + copies.size();
  }
};

Debris find_debris(const View& view);

/// Takes all of it away. Views are stale afterwards.
void clean_up(OnnxModel& model);

}  // namespace tv2onnx
