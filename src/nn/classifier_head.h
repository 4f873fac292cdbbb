#pragma once
// What makes classes of features: the builder's own layers, or an nn.Sequential that took their
// place.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nn/layers.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// A child of an nn.Sequential: a linear layer, or one without weights.
struct HeadLayer {
  bool linear = false;
  std::int64_t out = kAny;                    ///< of a linear one; kAny: as the weight says
  Activation activation = Activation::kNone;  ///< kNone: Dropout, Identity
};
inline HeadLayer linear_layer(std::int64_t out = kAny) {
  return {.linear = true, .out = out};
}
inline HeadLayer activation_layer(Activation activation) {
  return {.activation = activation};
}
inline HeadLayer dropout_layer() {
  return {};
}

/// The names of layers without weights that a user can give.
std::string head_layer_names();

/// x [n, features] -> [n, classes]. Where the head is not made of the builder's `layers`, its
/// weights say what it is made of, and for layers without weights, which a state dict does not
/// know, `names`: one for each in order. Without names a ReLU is assumed between two linear layers,
/// and said. \throws Error W002 (there are several places for it), U002 (names that do not fit).
Value classifier_head(Scope s, Value x, const std::vector<HeadLayer>& layers,
                      const std::optional<std::vector<std::string>>& names);

}  // namespace tv2onnx
