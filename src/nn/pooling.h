#pragma once
// torch.nn's pooling layers, and what classifiers do with maps beside convolutions.

#include <cstdint>

#include "graph/ops.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// MaxPool2d and AvgPool2d (whose mean counts the zeros of the padding), named after their module.
Value max_pool2d(Scope s, Value x, const PoolAttributes& options);
Value average_pool2d(Scope s, Value x, const PoolAttributes& options);

/// AdaptiveAvgPool2d: x [n, c, h, w] -> [n, c, size, size], for every h and w. Cell i of an axis of
/// length h is the mean of floor(i h / size) .. ceil((i + 1) h / size): two matrix products with
/// weights that the graph computes from the size of its input.
Value adaptive_average_pool(Scope s, Value x, std::int64_t size);

/// nn.AdaptiveAvgPool2d(1): x [n, channels, h, w] -> [n, channels, 1, 1].
Value average_of_maps(Scope s, Value x);

/// AdaptiveAvgPool2d(1) and flatten, or mean([2, 3], which is no module): x [n, c, h, w] -> [n, c]
Value mean_over_positions(Scope s, Value x);

/// The same of tokens [n, count, channels].
Value mean_over_tokens(Scope s, Value tokens);

/// Channel k of each group in turn (torchvision/models/shufflenetv2.py).
Value channel_shuffle(Value x, std::int64_t groups);

}  // namespace tv2onnx
