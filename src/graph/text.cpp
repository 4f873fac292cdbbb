// Prints a graph in ONNX's text syntax (onnx/docs/Syntax.md), weights by type and shape.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tv2onnx/graph.h"

namespace tv2onnx {
namespace {

/// Always quoted: the syntax requires it for anything but letters, digits and underscores.
std::string identifier(const std::string& name) {
  return fmt::format("\"{}\"", name);
}

std::string type_text(const ValueInfo& info) {
  std::string text(onnx_name(info.dtype));
  if (!info.dims) return text + "[]";
  std::vector<std::string> dims;
  for (const Dim& dim : *info.dims) {
    dims.push_back(dim.is_number()        ? std::to_string(dim.number())
                   : dim.symbol().empty() ? "?"
                                          : dim.symbol());
  }
  return fmt::format("{}[{}]", text, fmt::join(dims, ","));
}

std::string tensor_text(const Tensor& tensor) {
  std::string text(onnx_name(tensor.dtype));
  if (!tensor.shape.empty()) text += shape_text(tensor.shape);
  if (tensor.size() > 8) return text + " {...}";
  if (is_floating(tensor.dtype))
    return fmt::format("{} {{{}}}", text, fmt::join(to_float(tensor), ", "));
  return fmt::format("{} {{{}}}", text, fmt::join(to_int64(tensor), ", "));
}

std::string attribute_text(const Attribute& attribute) {
  struct Visitor {
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(float value) const { return fmt::format("{:#}", value); }
    std::string operator()(const std::string& value) const { return fmt::format("\"{}\"", value); }
    std::string operator()(const std::vector<std::int64_t>& values) const {
      return fmt::format("[{}]", fmt::join(values, ", "));
    }
    std::string operator()(const std::vector<float>& values) const {
      return fmt::format("[{}]", fmt::join(values, ", "));
    }
    std::string operator()(const Tensor& value) const { return tensor_text(value); }
  };
  return fmt::format("{} = {}", attribute.name, std::visit(Visitor{}, attribute.value));
}

std::string node_text(const Graph& graph, const Node& node) {
  std::vector<std::string> outputs;
  for (const std::uint32_t id : node.outputs) outputs.push_back(identifier(graph.info(id).name));
  std::vector<std::string> inputs;
  for (const std::uint32_t id : node.inputs) {
    inputs.push_back(id == kAbsent ? "\"\"" : identifier(graph.info(id).name));
  }
  std::vector<std::string> attributes;
  for (const Attribute& attribute : node.attributes)
    attributes.push_back(attribute_text(attribute));
  const std::string list =
      attributes.empty() ? "" : fmt::format(" <{}>", fmt::join(attributes, ", "));
  return fmt::format("   {} = {}{} ({})\n", fmt::join(outputs, ", "), node.op, list,
                     fmt::join(inputs, ", "));
}

}  // namespace

std::string to_text(const Graph& graph) {
  const auto typed = [&](const std::vector<std::uint32_t>& ids) {
    std::vector<std::string> list;
    for (const std::uint32_t id : ids) {
      list.push_back(type_text(graph.info(id)) + " " + identifier(graph.info(id).name));
    }
    return fmt::format("{}", fmt::join(list, ", "));
  };
  std::string text = fmt::format("<ir_version: {}, opset_import: [\"\" : {}]>\n{} ({}) => ({})\n",
                                 ir_version_of(graph.opset()), graph.opset(),
                                 graph.title.empty() ? "graph" : graph.title, typed(graph.inputs()),
                                 typed(graph.outputs()));
  std::vector<std::string> weights;
  for (const std::uint32_t id : graph.initializers()) {
    const Tensor& tensor = *graph.initializer(id);
    std::string line = type_text(graph.info(id)) + " " + identifier(graph.info(id).name);
    if (tensor.size() <= 8) {
      line += " = {" +
              (is_floating(tensor.dtype) ? fmt::format("{}", fmt::join(to_float(tensor), ", "))
                                         : fmt::format("{}", fmt::join(to_int64(tensor), ", "))) +
              "}";
    }
    weights.push_back(std::move(line));
  }
  text += fmt::format("<{}>\n{{\n", fmt::join(weights, ",\n "));
  for (const Node& node : graph.nodes()) text += node_text(graph, node);
  return text + "}\n";
}

}  // namespace tv2onnx
