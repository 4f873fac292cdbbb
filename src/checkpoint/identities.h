#pragma once
// Modules that do nothing in evaluation.

#include <string_view>

#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// Whether a class does nothing: Identity, Dropout, ...
bool does_nothing(std::string_view class_name);

/// Leaves Dropout and Identity out of the nn.Sequentials of a whole module, and says so in
/// `left_out`: what stands behind them gets their numbers, and what then stands alone the place of
/// its nn.Sequential, as in nn.Sequential(head, nn.Dropout()).
void leave_out_identities(Checkpoint& checkpoint);

}  // namespace tv2onnx
