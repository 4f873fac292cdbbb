#pragma once
// What the operations share: one node, the shape of its result.

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tv2onnx/graph.h"

namespace tv2onnx {

/// A node with one output; constants of shapes and indices are computed here (graph/integers.h).
Value one(std::string_view op, const std::vector<Value>& inputs, OutputType type,
          std::vector<Attribute> attributes = {});
/// A node whose output has the dtype and shape of x.
Value unary(std::string_view op, Value x, std::vector<Attribute> attributes = {});
/// Nodes with numpy broadcasting; `compare` gives bools.
Value binary(std::string_view op, Value a, Value b);
Value compare(std::string_view op, Value a, Value b);
/// Operators whose `axes` attribute became an input at opset `since`.
Value with_axes(std::string_view op, Value x, std::vector<std::int64_t> axes, int since,
                OutputType type, std::vector<Attribute> attributes = {});

/// The shape of x, if its rank is known.
const std::optional<Dims>& dims(Value x);
/// numpy broadcasting; a symbol beats 1, anything else uncertain is unknown.
std::optional<Dims> broadcast(Value a, Value b);
std::optional<Dims> broadcast(std::optional<Dims> a, std::optional<Dims> b);
/// The dims that a constant `shape` states.
std::optional<Dims> stated(Value shape);
/// The shape of x after a reduction.
std::optional<Dims> reduced(Value x, const std::vector<std::int64_t>& axes, bool keep);
/// What `pads` of both sides are: the values before, and the same behind.
std::vector<std::int64_t> twice(std::span<const std::int64_t> values);
bool all_numbers(const Dims& dims);
/// The product of dims that are all numbers.
std::int64_t product(const Dims& dims);

}  // namespace tv2onnx
