#pragma once
// Small ONNX models for tests, written down node by node.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "onnx/model.h"
#include "onnx/schema.h"
#include "onnx/write.h"

namespace tv2onnx::testing {

inline void save(const OnnxModel& model, const std::filesystem::path& path) {
  write_onnx(model, path, {.overwrite = true});
}

/// As it is read from a file, whose nodes remember their bytes.
inline OnnxModel reread(const OnnxModel& model) {
  const auto bytes = std::make_shared<const std::vector<std::byte>>(write_onnx(model, {}));
  OnnxModel read = parse_onnx_model(*bytes);
  read.file = bytes;
  return read;
}

class Sketch {
 public:
  explicit Sketch(std::int64_t opset = 17) {
    model.ir_version = 8;
    model.opsets[""] = opset;
    model.graph.name = "sketch";
  }

  static OnnxValueInfo value(std::string name, DType dtype, std::vector<OnnxValueInfo::Dim> dims) {
    return {std::move(name), schema::data_type(dtype), std::move(dims), {}};
  }
  Sketch& input(std::string name, std::vector<OnnxValueInfo::Dim> dims,
                DType dtype = DType::kFloat32) {
    model.graph.inputs.push_back(value(std::move(name), dtype, std::move(dims)));
    return *this;
  }
  Sketch& output(std::string name, std::vector<OnnxValueInfo::Dim> dims = {},
                 DType dtype = DType::kFloat32) {
    model.graph.outputs.push_back(value(std::move(name), dtype, std::move(dims)));
    return *this;
  }
  Sketch& node(std::string op, std::vector<std::string> inputs, std::vector<std::string> outputs,
               std::vector<OnnxAttribute> attributes = {}) {
    OnnxNode node;
    node.op = std::move(op);
    node.inputs = std::move(inputs);
    node.outputs = std::move(outputs);
    node.attributes = std::move(attributes);
    model.graph.nodes.push_back(std::move(node));
    return *this;
  }
  Sketch& constant(std::string name, const Tensor& tensor) {
    model.graph.initializers.push_back(stored(std::move(name), tensor));
    return *this;
  }
  /// The attribute `value` of Constant.
  static OnnxAttribute constant_value(const Tensor& tensor) {
    OnnxAttribute attribute;
    attribute.name = "value";
    attribute.type = schema::attribute::kTypeTensor;
    attribute.tensor = stored("", tensor);
    return attribute;
  }
  /// The attribute with the sketch's graph as a branch.
  static OnnxAttribute branch(std::string name, const Sketch& sketch) {
    OnnxAttribute attribute;
    attribute.name = std::move(name);
    attribute.type = schema::attribute::kTypeGraph;
    attribute.graphs = {std::make_shared<OnnxGraph>(sketch.model.graph)};
    return attribute;
  }

  OnnxModel model;

 private:
  static OnnxTensor stored(std::string name, const Tensor& tensor) {
    return stored_tensor(std::move(name), tensor);
  }
};

}  // namespace tv2onnx::testing
