#pragma once
// Putting a fragment, made with the operations of graph/ops.h, into a model.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rewrite/view.h"
#include "tv2onnx/graph.h"

namespace tv2onnx {

/// Puts the fragment in front of `before`; its inputs become the values `inputs` of the model, in
/// order. Its own names get `prefix` in front and are made fresh. Returns the names of its outputs.
std::vector<std::string> splice(View& view, const OnnxNode& before, OnnxGraph fragment,
                                const std::vector<std::string>& inputs, std::string_view prefix);

/// A value of the model that a fragment reads.
struct Binding {
  std::string value;
  DType dtype = DType::kFloat32;
  std::optional<Dims> dims = std::nullopt;  ///< nullopt: rank unknown
};

/// Builds a fragment that reads the bound values and makes one, called `name` or so, and splices it
/// in front of `before` under the prefix "doctor/". Returns the name of what it makes.
using BuildFragment = std::function<Value(Graph& graph, std::span<const Value> inputs)>;
std::string insert_before(View& view, const OnnxNode& before, const std::string& name,
                          const std::vector<Binding>& inputs, const BuildFragment& build);

}  // namespace tv2onnx
