// Writes an OnnxModel: what was not edited as the bytes of its file, the rest encoded.

#include "onnx/write.h"

#include <algorithm>
#include <span>

#include "onnx/schema.h"
#include "onnx/wire.h"
#include "onnx/write_tensor.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using wire::put_bytes;
using wire::put_int;

Pieces encode_graph(const OnnxGraph& graph, DataFile* data);
bool is_edited(const OnnxNode& node);

/// An edit deep inside a branch changes all that is around it.
bool is_edited(const OnnxAttribute& attribute) {
  return attribute.source.empty() ||
         std::ranges::any_of(attribute.graphs, [](const std::shared_ptr<OnnxGraph>& graph) {
           return std::ranges::any_of(graph->nodes,
                                      [](const OnnxNode& node) { return is_edited(node); });
         });
}

bool is_edited(const OnnxNode& node) {
  return node.source.empty() ||
         std::ranges::any_of(node.attributes,
                             [](const OnnxAttribute& attribute) { return is_edited(attribute); });
}

std::string encode_attribute(const OnnxAttribute& attribute) {
  std::string out;
  put_bytes(out, schema::attribute::kName, attribute.name);
  switch (attribute.type) {
    case schema::attribute::kTypeFloat:
      wire::put_float(out, schema::attribute::kFloat, attribute.f);
      break;
    case schema::attribute::kTypeInt: put_int(out, schema::attribute::kInt, attribute.i); break;
    case schema::attribute::kTypeString:
      put_bytes(out, schema::attribute::kString, attribute.s);
      break;
    default: break;
  }
  for (const std::int64_t value : attribute.ints) put_int(out, schema::attribute::kInts, value);
  for (const float value : attribute.floats) {
    wire::put_float(out, schema::attribute::kFloats, value);
  }
  if (attribute.tensor) {
    const OnnxTensor& tensor = *attribute.tensor;
    put_bytes(out, schema::attribute::kTensor,
              tensor.source.empty() ? encode_tensor(tensor).flat()
                                    : std::string(wire::text_of(tensor.source)));
  }
  const bool many = attribute.type == schema::attribute::kTypeGraphs;
  for (const auto& graph : attribute.graphs) {
    put_bytes(out, many ? schema::attribute::kGraphs : schema::attribute::kGraph,
              encode_graph(*graph, nullptr).flat());
  }
  put_int(out, schema::attribute::kType, attribute.type);
  return out;
}

std::string encode_node(const OnnxNode& node) {
  std::string out;
  for (const std::string& input : node.inputs) put_bytes(out, schema::node::kInput, input);
  for (const std::string& output : node.outputs) put_bytes(out, schema::node::kOutput, output);
  if (!node.name.empty()) put_bytes(out, schema::node::kName, node.name);
  put_bytes(out, schema::node::kOpType, node.op);
  if (!node.domain.empty()) put_bytes(out, schema::node::kDomain, node.domain);
  for (const OnnxAttribute& attribute : node.attributes) {
    put_bytes(out, schema::node::kAttribute,
              is_edited(attribute) ? encode_attribute(attribute)
                                   : std::string(wire::text_of(attribute.source)));
  }
  return out;
}

std::string encode_value_info(const OnnxValueInfo& info) {
  std::string tensor_type;
  put_int(tensor_type, schema::tensor_type::kElement, info.data_type);
  if (info.dims) {
    std::string shape;
    for (const OnnxValueInfo::Dim& dim : *info.dims) {
      std::string entry;
      if (dim.value >= 0) put_int(entry, schema::dim::kValue, dim.value);
      if (!dim.symbol.empty()) put_bytes(entry, schema::dim::kParam, dim.symbol);
      put_bytes(shape, schema::shape::kDim, entry);
    }
    put_bytes(tensor_type, schema::tensor_type::kShape, shape);
  }
  std::string type;
  put_bytes(type, schema::type::kTensor, tensor_type);
  std::string out;
  put_bytes(out, schema::value_info::kName, info.name);
  put_bytes(out, schema::value_info::kType, type);
  return out;
}

void put_value_infos(Pieces& out, int number, const std::vector<OnnxValueInfo>& infos) {
  for (const OnnxValueInfo& info : infos) {
    if (!info.source.empty()) {
      out.field(number, info.source);
    } else {
      put_bytes(out.text(), number, encode_value_info(info));
    }
  }
}

Pieces encode_graph(const OnnxGraph& graph, DataFile* data) {
  Pieces out;
  for (const OnnxNode& node : graph.nodes) {
    if (is_edited(node)) {
      put_bytes(out.text(), schema::graph::kNode, encode_node(node));
    } else {
      out.field(schema::graph::kNode, node.source);
    }
  }
  put_bytes(out.text(), schema::graph::kName, graph.name);
  for (const OnnxTensor& tensor : graph.initializers) {
    put_initializer(out, tensor, data);
  }
  put_value_infos(out, schema::graph::kInput, graph.inputs);
  put_value_infos(out, schema::graph::kOutput, graph.outputs);
  put_value_infos(out, schema::graph::kValueInfo, graph.value_infos);
  for (const std::span<const std::byte> field : graph.other) out.add(field);
  return out;
}

/// With `data`, large weights go there.
Pieces encode_model(const OnnxModel& model, DataFile* data) {
  Pieces out;
  put_int(out.text(), schema::model::kIrVersion, model.ir_version);
  put_bytes(out.text(), schema::model::kProducerName, model.producer);
  put_bytes(out.text(), schema::model::kProducerVersion, model.producer_version);
  for (const auto& [domain, version] : model.opsets) {
    std::string opset;
    put_bytes(opset, schema::opset_id::kDomain, domain);
    put_int(opset, schema::opset_id::kVersion, version);
    put_bytes(out.text(), schema::model::kOpsetImport, opset);
  }
  for (const auto& [key, value] : model.metadata) {
    put_bytes(out.text(), schema::model::kMetadata, encode_entry(key, value));
  }
  for (const std::span<const std::byte> field : model.other) out.add(field);
  Pieces graph = encode_graph(model.graph, data);
  wire::put_bytes_header(out.text(), schema::model::kGraph, graph.size());
  out.append(std::move(graph));
  return out;
}

}  // namespace

void write_onnx_model(const OnnxModel& model, const ByteSink& sink) {
  encode_model(model, nullptr).write(sink);
}

std::vector<std::byte> write_onnx(const OnnxModel& model, const WriteOptions& options) {
  const Pieces pieces = encode_model(model, nullptr);
  if (options.external_data || pieces.size() > options.max_bytes) {
    throw Error({.code = "O003",
                 .found = "a model in memory has no file beside it for its weights",
                 .where = {.item = model.graph.name},
                 .hint = "write this model to a file"});
  }
  std::vector<std::byte> bytes;
  bytes.reserve(pieces.size());
  pieces.write(sink_of(bytes));
  return bytes;
}

WriteReport write_onnx(const OnnxModel& model, const std::filesystem::path& path,
                       const WriteOptions& options) {
  const std::filesystem::path data_path = path.string() + ".data";
  DataFile data{data_path.filename().string()};
  Pieces pieces = encode_model(model, nullptr);
  if (options.external_data || pieces.size() > options.max_bytes) {
    pieces = encode_model(model, &data);
  }
  OutputFile file(path, options.overwrite);
  if (data.pieces.empty()) {
    pieces.write(sink_of(file));
    file.commit();
    return {.model_bytes = pieces.size()};
  }
  OutputFile data_file(data_path, options.overwrite);
  data.pieces.write(sink_of(data_file));
  pieces.write(sink_of(file));
  data_file.commit();
  file.commit();
  return {.model_bytes = pieces.size(), .data_bytes = data.pieces.size()};
}

}  // namespace tv2onnx
