#include "onnx/lower.h"

#include "onnx/schema.h"

namespace tv2onnx {
namespace {

OnnxAttribute lowered(const Attribute& attribute) {
  OnnxAttribute result;
  result.name = attribute.name;
  struct Visitor {
    OnnxAttribute& to;
    std::int64_t operator()(std::int64_t value) const {
      to.i = value;
      return schema::attribute::kTypeInt;
    }
    std::int64_t operator()(float value) const {
      to.f = value;
      return schema::attribute::kTypeFloat;
    }
    std::int64_t operator()(const std::string& value) const {
      to.s = value;
      return schema::attribute::kTypeString;
    }
    std::int64_t operator()(const std::vector<std::int64_t>& values) const {
      to.ints = values;
      return schema::attribute::kTypeInts;
    }
    std::int64_t operator()(const std::vector<float>& values) const {
      to.floats = values;
      return schema::attribute::kTypeFloats;
    }
    std::int64_t operator()(const Tensor& value) const {
      to.tensor = stored_tensor("", value);
      return schema::attribute::kTypeTensor;
    }
  };
  result.type = std::visit(Visitor{result}, attribute.value);
  return result;
}

OnnxNode lowered(const Graph& graph, const Node& node) {
  OnnxNode result;
  result.op = node.op;
  result.name = node.name;
  for (const std::uint32_t id : node.inputs) {
    result.inputs.push_back(id == kAbsent ? "" : graph.info(id).name);
  }
  for (const std::uint32_t id : node.outputs) result.outputs.push_back(graph.info(id).name);
  for (const Attribute& attribute : node.attributes) {
    result.attributes.push_back(lowered(attribute));
  }
  return result;
}

OnnxValueInfo lowered(const ValueInfo& info) {
  OnnxValueInfo result{.name = info.name, .data_type = schema::data_type(info.dtype)};
  result.dims.emplace();
  for (const Dim& dim : info.dims.value_or(Dims{})) {
    result.dims->push_back({dim.is_number() ? dim.number() : -1, dim.symbol()});
  }
  return result;
}

}  // namespace

OnnxGraph lower_fragment(const Graph& graph) {
  OnnxGraph result;
  result.name = graph.title.empty() ? "graph" : graph.title;
  for (const Node& node : graph.nodes()) result.nodes.push_back(lowered(graph, node));
  for (const std::uint32_t id : graph.initializers()) {
    result.initializers.push_back(stored_tensor(graph.info(id).name, *graph.initializer(id),
                                                schema::data_type(graph.info(id).dtype)));
  }
  for (const std::uint32_t id : graph.inputs()) result.inputs.push_back(lowered(graph.info(id)));
  for (const std::uint32_t id : graph.outputs()) result.outputs.push_back(lowered(graph.info(id)));
  return result;
}

OnnxModel lower(const Graph& graph) {
  OnnxModel model;
  model.ir_version = ir_version_of(graph.opset());
  model.producer = "tv2onnx";
  model.producer_version = TV2ONNX_VERSION;
  model.opsets[""] = graph.opset();
  model.metadata = graph.metadata;
  model.graph = lower_fragment(graph);
  return model;
}

}  // namespace tv2onnx
