#pragma once
// The one size of clip that an MViT takes.

#include <array>
#include <cstdint>
#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

struct MvitSize {
  std::array<std::int64_t, 3> pixels{};  ///< time, height, width
  std::array<std::int64_t, 3> grid{};    ///< patches: half of the time, a quarter of the sides
};

std::vector<Option> mvit_size_options();

/// As the options say, else a whole module, else the weights, which are taken for those of square
/// frames. \throws Error W002 if the weights are those of another size.
MvitSize mvit_size(Scope s, const Config& config);

}  // namespace tv2onnx
