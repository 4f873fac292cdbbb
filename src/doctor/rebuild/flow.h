#pragma once
// Following values through a foreign graph, past nodes that do not matter and out of branches.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rewrite/view.h"

namespace tv2onnx::doctor {

using Operators = std::span<const std::string_view>;

/// Nodes that change nothing but shape or type.
inline constexpr auto kShapeChanges = std::to_array<std::string_view>(
    {"Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Expand"});

/// The nodes that read the value, directly or behind nodes of the operators `through`, in order.
/// The result of a branch is read by the readers of its If.
std::vector<OnnxNode*> readers_behind(const View& view, const std::string& value,
                                      Operators through);

/// The node that makes the value, past nodes of the operators `through` (their first input); null
/// for inputs and initialisers.
OnnxNode* producer_behind(const View& view, std::string value, Operators through);

/// The integer constants that the value depends on through shape changes, Concat, ReduceMin and
/// Min: of `min(1000, n)` it is 1000.
std::vector<std::int64_t> integer_bounds(const View& view, const std::string& value);

/// Which input of the Concat of `count` inputs it becomes, that joins it with the same of other
/// feature maps; nullopt if there is none.
std::optional<std::size_t> place_in_concat(const View& view, const std::string& value,
                                           std::size_t count);

/// Every node has the inputs and outputs that the functions of this folder count on, and what it
/// reads is made before it.
bool well_formed(const View& view);

/// Position in the order of execution.
std::size_t position(const View& view, const OnnxNode* node);

}  // namespace tv2onnx::doctor
