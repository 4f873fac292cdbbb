#pragma once
// The inputs of optical flow, and the grid that flows start from.

#include <array>

#include "tv2onnx/nn.h"

namespace tv2onnx {

struct ImagePair {
  Value first;     ///< [n, channels, h, w]
  Value together;  ///< both, [2 n, channels, h, w]
};

/// Adds the inputs `image1` and `image2`, in -1..1. A runtime refuses sizes that RAFT cannot take,
/// and images that differ in size or number.
/// \param stem the first convolution, which says how many channels images have
ImagePair image_pair(Scope stem);

/// Of the cells of a map [n, ..., h, w]: (x, y), [n, 2, h, w], and as many zeros.
std::array<Value, 2> grid_and_zeros(Value map);

}  // namespace tv2onnx
