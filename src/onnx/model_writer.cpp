// Writes an OnnxModel: what was not edited as the bytes of its file, the rest encoded.

#include <algorithm>
#include <variant>

#include "onnx/model.h"
#include "onnx/schema.h"
#include "onnx/wire.h"

namespace tv2onnx {
namespace {

using wire::put_bytes;
using wire::put_int;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A message as pieces of text that is owned and bytes that lie elsewhere.
class Pieces {
 public:
  std::string& text() {
    if (parts_.empty() || !std::holds_alternative<std::string>(parts_.back())) {
      parts_.emplace_back(std::string());
    }
    return std::get<std::string>(parts_.back());
  }
  void add(std::span<const std::byte> bytes) { parts_.emplace_back(bytes); }
  /// A field whose content lies elsewhere.
  void field(int number, std::span<const std::byte> bytes) {
    wire::put_bytes_header(text(), number, bytes.size());
    add(bytes);
  }
  void append(Pieces other) {
    for (Part& part : other.parts_) parts_.push_back(std::move(part));
  }
  std::uint64_t size() const {
    std::uint64_t sum = 0;
    for (const Part& part : parts_) {
      sum += std::visit([](const auto& bytes) { return bytes.size(); }, part);
    }
    return sum;
  }
  void write(const ByteSink& sink) const {
    for (const Part& part : parts_) {
      std::visit([&](const auto& bytes) { sink(std::as_bytes(std::span(bytes))); }, part);
    }
  }
  std::string flat() const {
    std::string all;
    for (const Part& part : parts_) {
      if (const auto* owned = std::get_if<std::string>(&part)) {
        all += *owned;
      } else {
        all += text_of(std::get<std::span<const std::byte>>(part));
      }
    }
    return all;
  }

 private:
  using Part = std::variant<std::string, std::span<const std::byte>>;
  std::vector<Part> parts_;
};

Pieces encode_graph(const OnnxGraph& graph);
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

std::string encode_entry(std::string_view key, std::string_view value) {
  std::string out;
  put_bytes(out, schema::string_entry::kKey, key);
  put_bytes(out, schema::string_entry::kValue, value);
  return out;
}

std::string encode_tensor(const OnnxTensor& tensor) {
  std::string out;
  for (const std::int64_t dim : tensor.dims) put_int(out, schema::tensor::kDims, dim);
  put_int(out, schema::tensor::kDataType, tensor.data_type);
  if (!tensor.name.empty()) put_bytes(out, schema::tensor::kName, tensor.name);
  if (tensor.external.empty()) {
    put_bytes(out, schema::tensor::kRawData, text_of(tensor.bytes));
    return out;
  }
  for (const auto& [key, value] : tensor.external) {
    put_bytes(out, schema::tensor::kExternalData, encode_entry(key, value));
  }
  put_int(out, schema::tensor::kDataLocation, schema::tensor::kLocationExternal);
  return out;
}

void put_tensor(Pieces& out, int number, const OnnxTensor& tensor) {
  if (!tensor.source.empty()) {
    out.field(number, tensor.source);
  } else {
    put_bytes(out.text(), number, encode_tensor(tensor));
  }
}

std::string encode_attribute(const OnnxAttribute& attribute) {
  std::string out;
  put_bytes(out, schema::attribute::kName, attribute.name);
  put_int(out, schema::attribute::kType, attribute.type);
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
              tensor.source.empty() ? encode_tensor(tensor) : std::string(text_of(tensor.source)));
  }
  const bool many = attribute.type == schema::attribute::kTypeGraphs;
  for (const auto& graph : attribute.graphs) {
    put_bytes(out, many ? schema::attribute::kGraphs : schema::attribute::kGraph,
              encode_graph(*graph).flat());
  }
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
                                   : std::string(text_of(attribute.source)));
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

Pieces encode_graph(const OnnxGraph& graph) {
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
    put_tensor(out, schema::graph::kInitializer, tensor);
  }
  put_value_infos(out, schema::graph::kInput, graph.inputs);
  put_value_infos(out, schema::graph::kOutput, graph.outputs);
  put_value_infos(out, schema::graph::kValueInfo, graph.value_infos);
  for (const std::span<const std::byte> field : graph.other) out.add(field);
  return out;
}

}  // namespace

void write_onnx_model(const OnnxModel& model, const ByteSink& sink) {
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
  Pieces graph = encode_graph(model.graph);
  wire::put_bytes_header(out.text(), schema::model::kGraph, graph.size());
  out.append(std::move(graph));
  out.write(sink);
}

}  // namespace tv2onnx
