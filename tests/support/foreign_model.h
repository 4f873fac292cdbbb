#pragma once
// Small ONNX models as other exporters write them, made in memory.

#include <string>
#include <utility>
#include <vector>

#include "onnx/model.h"
#include "onnx/schema.h"

namespace tv2onnx::testing {

/// Puts nodes and initialisers into a model. Names of values are the caller's.
class ForeignModel {
 public:
  OnnxModel model;

  std::string weight(std::string name, Shape shape, const std::vector<float>& values) {
    model.graph.initializers.push_back(
        stored_tensor(std::move(name), make_tensor(std::move(shape), values)));
    return model.graph.initializers.back().name;
  }

  std::string weight(std::string name, const Shape& shape, float value = 1) {
    const auto count = static_cast<std::size_t>(element_count(shape));
    return weight(std::move(name), shape, std::vector(count, value));
  }

  /// Adds a node that makes `output`, and returns that name.
  std::string node(std::string op, std::vector<std::string> inputs, std::string output,
                   std::vector<OnnxAttribute> attributes = {}) {
    OnnxNode made;
    made.op = std::move(op);
    made.inputs = std::move(inputs);
    made.outputs = {std::move(output)};
    made.attributes = std::move(attributes);
    model.graph.nodes.push_back(std::move(made));
    return model.graph.nodes.back().outputs[0];
  }
};

}  // namespace tv2onnx::testing
