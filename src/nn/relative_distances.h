#pragma once
// The decomposed relative positions of MViT v2 (torchvision/models/video/mvit.py, _add_rel_pos).

#include <cstdint>

#include "tv2onnx/nn.h"

namespace tv2onnx {

/// Of one axis: the rows of the table `leaf` by query and key, as [queries, channels, keys]. A
/// table of another length is interpolated, as torchvision does it when it runs.
Value relative_table(Scope s, const char* leaf, std::int64_t channels, std::int64_t queries,
                     std::int64_t keys);

}  // namespace tv2onnx
