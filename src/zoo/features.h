#pragma once
// Outputs that are those of a module inside the model, for embeddings.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tv2onnx/checkpoint.h"
#include "tv2onnx/graph.h"

namespace tv2onnx {

/// \throws Error U002 for a path that counts modules which were left out of the checkpoint: the
/// graph has other numbers behind them.
void require_own_numbers(const Checkpoint& checkpoint, const std::vector<std::string>& paths);

/// The shape that torch's module gives to what is computed at a path, with its dims; nothing: the
/// same that the graph has.
using ShapeOfModule =
    std::function<std::optional<std::pair<Value, Dims>>(std::string_view path, Value value)>;

/// [n, channels] as [n, channels, 1, 1], with so many ones.
std::optional<std::pair<Value, Dims>> as_maps_of_one(Value x, std::size_t ones = 2);
/// Rows [n, tokens, channels] as [n, sizes..., channels]; int64 [1] each.
std::optional<std::pair<Value, Dims>> as_places(Value rows, const std::vector<Value>& sizes);

/// For networks whose graph has other shapes than torch, when all is built: the modules at these
/// paths end with what they give in torch's shape.
void in_torchs_shapes(Graph& graph, const std::vector<std::string>& paths,
                      const ShapeOfModule& shape_of_module);

/// Declares an output for each module path ("layer3", "features.18"), which is its name.
/// \throws Error U001 with the nearest path if nothing is computed there, U002 for one that is an
/// output already.
void feature_outputs(Graph& graph, const std::vector<std::string>& paths);

}  // namespace tv2onnx
