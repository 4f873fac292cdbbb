#pragma once
// Weights of convolutions whose channels are put into another order while building.

#include <cstdint>
#include <vector>

#include "tv2onnx/tensor.h"

namespace tv2onnx {

/// The input channels of a weight [out, in, ...] in this order; -1 is a channel of zeros.
Tensor picked_inputs(const Tensor& weight, const std::vector<std::int64_t>& channels);

/// The rows of one after those of the other.
Tensor stacked(const Tensor& first, const Tensor& second);

/// With zeros for `rows` more.
Tensor with_zero_rows(const Tensor& tensor, std::int64_t rows);

}  // namespace tv2onnx
