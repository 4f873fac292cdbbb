#pragma once
// Heads that people put together as nn.Sequential: a whole module says what each layer is.

#include "nn/layers.h"
#include "nn/module_kinds.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// Whether a whole module says that the layer here is of this kind.
bool is_of(Scope s, ModuleKind kind);

/// Whether a whole module has an nn.Sequential here; torchvision's own heads are classes that are
/// built on one.
bool is_layer_chain(Scope s);

/// Convolutions, Linear, normalisation, Flatten, activations, and Sequentials of these, in order;
/// [n, channels, h, w] or [n, features]. What else stands there is left to the comparison of the
/// modules, which names it.
Value layer_chain(Scope s, Value x);

}  // namespace tv2onnx
