// What an ONNX model declares: its ports, weights and operators, as people want to read them.

#include <fmt/format.h>

#include <unordered_set>

#include "onnx/model.h"
#include "onnx/schema.h"

namespace tv2onnx {
namespace {

OnnxValue declared(const OnnxValueInfo& info) {
  OnnxValue value{.name = info.name, .type = info.other_type, .dims = {}};
  if (value.type.empty()) value.type = schema::data_type_name(info.data_type);
  for (const OnnxValueInfo::Dim& dim : info.dims.value_or(std::vector<OnnxValueInfo::Dim>())) {
    value.dims.push_back(dim.value >= 0       ? std::to_string(dim.value)
                         : dim.symbol.empty() ? "?"
                                              : dim.symbol);
  }
  return value;
}

OnnxValue declared(const OnnxTensor& tensor) {
  OnnxValue value{
      .name = tensor.name, .type = schema::data_type_name(tensor.data_type), .dims = {}};
  for (const std::int64_t dim : tensor.dims) value.dims.push_back(std::to_string(dim));
  return value;
}

void count_operators(const OnnxGraph& graph, std::map<std::string, std::size_t>& operators) {
  for (const OnnxNode& node : graph.nodes) {
    ++operators[node.domain.empty() ? node.op : fmt::format("{}.{}", node.domain, node.op)];
    for (const OnnxAttribute& attribute : node.attributes) {
      for (const auto& nested : attribute.graphs) count_operators(*nested, operators);
    }
  }
}

}  // namespace

OnnxSummary summarize(const OnnxModel& model) {
  OnnxSummary summary{.ir_version = model.ir_version,
                      .producer = model.producer,
                      .opsets = model.opsets,
                      .metadata = model.metadata,
                      .graph_name = model.graph.name,
                      .file_size = model.file_size};
  if (!model.producer_version.empty()) {
    summary.producer += (summary.producer.empty() ? "" : " ") + model.producer_version;
  }
  std::unordered_set<std::string_view> weights;
  for (const OnnxTensor& tensor : model.graph.initializers) {
    summary.initializers.push_back(declared(tensor));
    weights.insert(tensor.name);
  }
  for (const OnnxValueInfo& input : model.graph.inputs) {
    // Before IR version 4 every initialiser had to be listed as an input too.
    if (!weights.contains(input.name)) summary.inputs.push_back(declared(input));
  }
  for (const OnnxValueInfo& output : model.graph.outputs) {
    summary.outputs.push_back(declared(output));
  }
  count_operators(model.graph, summary.operators);
  return summary;
}

OnnxSummary read_onnx_summary(const std::filesystem::path& path) {
  return summarize(read_onnx_model(path));
}

}  // namespace tv2onnx
