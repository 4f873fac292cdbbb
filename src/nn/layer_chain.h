#pragma once
// Heads that people put together as nn.Sequential: a whole module says what each layer is.

#include <cstddef>

#include "nn/layers.h"
#include "nn/module_kinds.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// Whether a whole module says that the layer here is of this kind.
bool is_of(Scope s, ModuleKind kind);

/// Whether a whole module has an nn.Sequential here; torchvision's own heads are classes that are
/// built on one.
bool is_layer_chain(Scope s);

/// Convolutions, transposed ones, Linear, normalisation, Flatten, activations, and Sequentials of
/// these, in order; [n, channels, h, w] or [n, features]. What else stands there is left to the
/// comparison of the modules, which names it.
Value layer_chain(Scope s, Value x);
/// The same of layers whose result must have `axes`, all but the first of known size.
/// \throws Error W002.
Value layer_chain(Scope s, Value x, std::size_t axes);

}  // namespace tv2onnx
