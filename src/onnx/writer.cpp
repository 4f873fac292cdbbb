// Writes a graph as an ONNX file.
//
// Lengths come before contents in protobuf, so everything but the weights' bytes is encoded first;
// a file is then a list of pieces: encoded bytes, or a tensor that is copied from where it lies
// (usually the mapped checkpoint). Nothing the size of the model is held in memory.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "base/output_file.h"
#include "base/text.h"
#include "onnx/schema.h"
#include "onnx/wire.h"
#include "tv2onnx/error.h"
#include "tv2onnx/onnx.h"

namespace tv2onnx {
namespace {

using wire::put_bytes;
using wire::put_int;

/// Encoded bytes, followed by the elements of a weight if there is one.
struct Piece {
  std::string bytes;
  const Tensor* tensor = nullptr;
  DType dtype = DType::kFloat32;  ///< type to write the elements in

  std::uint64_t weight_bytes() const {
    return tensor == nullptr ? 0 : static_cast<std::uint64_t>(tensor->size()) * dtype_size(dtype);
  }
  std::uint64_t size() const { return bytes.size() + weight_bytes(); }
};

constexpr std::uint64_t kAlignment = 64;  // of weights in an external data file

std::uint64_t aligned(std::uint64_t offset) {
  return (offset + kAlignment - 1) / kAlignment * kAlignment;
}

std::string encode_tensor_header(const Tensor& tensor, DType dtype, std::string_view name) {
  std::string out;
  for (const std::int64_t dim : tensor.shape) put_int(out, schema::tensor::kDims, dim);
  put_int(out, schema::tensor::kDataType, schema::data_type(dtype));
  if (!name.empty()) put_bytes(out, schema::tensor::kName, name);
  return out;
}

std::string encode_attribute(const Attribute& attribute) {
  std::string out;
  put_bytes(out, schema::attribute::kName, attribute.name);
  struct Visitor {
    std::string& out;
    int operator()(std::int64_t value) const {
      put_int(out, schema::attribute::kInt, value);
      return schema::attribute::kTypeInt;
    }
    int operator()(float value) const {
      wire::put_float(out, schema::attribute::kFloat, value);
      return schema::attribute::kTypeFloat;
    }
    int operator()(const std::string& value) const {
      put_bytes(out, schema::attribute::kString, value);
      return schema::attribute::kTypeString;
    }
    int operator()(const std::vector<std::int64_t>& values) const {
      for (const std::int64_t value : values) put_int(out, schema::attribute::kInts, value);
      return schema::attribute::kTypeInts;
    }
    int operator()(const std::vector<float>& values) const {
      for (const float value : values) wire::put_float(out, schema::attribute::kFloats, value);
      return schema::attribute::kTypeFloats;
    }
    int operator()(const Tensor& value) const {
      std::string tensor = encode_tensor_header(value, value.dtype, "");
      const std::vector<std::byte> raw = contiguous_bytes(value);
      put_bytes(tensor, schema::tensor::kRawData,
                {reinterpret_cast<const char*>(raw.data()), raw.size()});
      put_bytes(out, schema::attribute::kTensor, tensor);
      return schema::attribute::kTypeTensor;
    }
  };
  put_int(out, schema::attribute::kType, std::visit(Visitor{out}, attribute.value));
  return out;
}

std::string encode_node(const Graph& graph, const Node& node) {
  std::string out;
  for (const std::uint32_t id : node.inputs) {
    put_bytes(out, schema::node::kInput, id == kAbsent ? "" : graph.info(id).name);
  }
  for (const std::uint32_t id : node.outputs) {
    put_bytes(out, schema::node::kOutput, graph.info(id).name);
  }
  put_bytes(out, schema::node::kName, node.name);
  put_bytes(out, schema::node::kOpType, node.op);
  for (const Attribute& attribute : node.attributes) {
    put_bytes(out, schema::node::kAttribute, encode_attribute(attribute));
  }
  return out;
}

std::string encode_value_info(const ValueInfo& info) {
  std::string tensor_type;
  put_int(tensor_type, schema::tensor_type::kElement, schema::data_type(info.dtype));
  std::string shape;
  for (const Dim& dim : info.dims.value_or(Dims{})) {
    std::string entry;
    if (dim.is_number()) {
      put_int(entry, schema::dim::kValue, dim.number());
    } else if (!dim.symbol().empty()) {
      put_bytes(entry, schema::dim::kParam, dim.symbol());
    }
    put_bytes(shape, schema::shape::kDim, entry);
  }
  put_bytes(tensor_type, schema::tensor_type::kShape, shape);
  std::string type;
  put_bytes(type, schema::type::kTensor, tensor_type);
  std::string out;
  put_bytes(out, schema::value_info::kName, info.name);
  put_bytes(out, schema::value_info::kType, type);
  return out;
}

/// Where a weight lies in the external data file.
struct External {
  std::string location;
  std::uint64_t offset = 0;
};

std::string encode_entry(std::string_view key, std::string_view value) {
  std::string out;
  put_bytes(out, schema::string_entry::kKey, key);
  put_bytes(out, schema::string_entry::kValue, value);
  return out;
}

/// One initialiser as a field of the graph; its bytes follow unless they are external.
Piece encode_initializer(const Graph& graph, std::uint32_t id,
                         const std::optional<External>& external) {
  Piece piece{{}, graph.initializer(id), graph.info(id).dtype};
  std::string header = encode_tensor_header(*piece.tensor, piece.dtype, graph.info(id).name);
  const std::uint64_t weight_bytes = piece.weight_bytes();
  if (external) {
    for (const auto& [key, value] : {std::pair{"location", external->location},
                                     std::pair{"offset", std::to_string(external->offset)},
                                     std::pair{"length", std::to_string(weight_bytes)}}) {
      put_bytes(header, schema::tensor::kExternalData, encode_entry(key, value));
    }
    put_int(header, schema::tensor::kDataLocation, schema::tensor::kLocationExternal);
    piece.tensor = nullptr;
    put_bytes(piece.bytes, schema::graph::kInitializer, header);
    return piece;
  }
  wire::put_bytes_header(header, schema::tensor::kRawData, weight_bytes);
  wire::put_bytes_header(piece.bytes, schema::graph::kInitializer, header.size() + weight_bytes);
  piece.bytes += header;
  return piece;
}

std::uint64_t total(std::span<const Piece> pieces) {
  std::uint64_t sum = 0;
  for (const Piece& piece : pieces) sum += piece.size();
  return sum;
}

/// Small tensors (shapes, indices) stay in the model: runtimes need them to infer shapes.
bool goes_outside(const Tensor& tensor) {
  return tensor.byte_size() >= 1024;
}

/// The pieces of the GraphProto; fills `data` with the content of the external file.
std::vector<Piece> encode_graph(const Graph& graph, const std::string& location,
                                std::vector<Piece>* data) {
  std::vector<Piece> pieces(1);
  std::string& head = pieces[0].bytes;
  for (const Node& node : graph.nodes()) {
    put_bytes(head, schema::graph::kNode, encode_node(graph, node));
  }
  put_bytes(head, schema::graph::kName, graph.title);
  std::uint64_t offset = 0;
  for (const std::uint32_t id : graph.initializers()) {
    std::optional<External> external;
    if (data != nullptr && goes_outside(*graph.initializer(id))) {
      const std::uint64_t start = aligned(offset);
      external = External{location, start};
      data->push_back(
          {std::string(start - offset, '\0'), graph.initializer(id), graph.info(id).dtype});
      offset = start + data->back().weight_bytes();
    }
    pieces.push_back(encode_initializer(graph, id, external));
  }
  std::string tail;
  for (const std::uint32_t id : graph.inputs()) {
    put_bytes(tail, schema::graph::kInput, encode_value_info(graph.info(id)));
  }
  for (const std::uint32_t id : graph.outputs()) {
    put_bytes(tail, schema::graph::kOutput, encode_value_info(graph.info(id)));
  }
  pieces.push_back({std::move(tail)});
  return pieces;
}

std::vector<Piece> encode_model(const Graph& graph, const std::string& location,
                                std::vector<Piece>* data) {
  std::vector<Piece> pieces = encode_graph(graph, location, data);
  std::string head;
  put_int(head, schema::model::kIrVersion, ir_version_of(graph.opset()));
  put_bytes(head, schema::model::kProducerName, "tv2onnx");
  put_bytes(head, schema::model::kProducerVersion, TV2ONNX_VERSION);
  std::string opset;
  put_bytes(opset, schema::opset_id::kDomain, "");
  put_int(opset, schema::opset_id::kVersion, graph.opset());
  put_bytes(head, schema::model::kOpsetImport, opset);
  for (const auto& [key, value] : graph.metadata) {
    put_bytes(head, schema::model::kMetadata, encode_entry(key, value));
  }
  wire::put_bytes_header(head, schema::model::kGraph, total(pieces));
  pieces.insert(pieces.begin(), Piece{std::move(head)});
  return pieces;
}

void write_weight(const ByteSink& sink, const Piece& piece) {
  const Tensor& tensor = *piece.tensor;
  if (tensor.dtype == piece.dtype && tensor.is_contiguous()) {
    sink({tensor.data, tensor.byte_size()});
    return;
  }
  if (tensor.dtype == piece.dtype) {
    sink(contiguous_bytes(tensor));
    return;
  }
  constexpr std::int64_t kChunk = 1 << 16;
  std::vector<float> chunk(static_cast<std::size_t>(std::min(kChunk, tensor.size())));
  for (std::int64_t begin = 0; begin < tensor.size(); begin += kChunk) {
    const std::int64_t end = std::min(begin + kChunk, tensor.size());
    copy_as_float(tensor, begin, end, chunk.data());
    sink(std::as_bytes(std::span(chunk)).first(static_cast<std::size_t>(end - begin) * 4));
  }
}

void write_pieces(const ByteSink& sink, const std::vector<Piece>& pieces) {
  for (const Piece& piece : pieces) {
    if (!piece.bytes.empty()) sink(std::as_bytes(std::span(piece.bytes)));
    if (piece.tensor != nullptr) write_weight(sink, piece);
  }
}

void require_sound(const Graph& graph) {
  if (std::vector<std::string> problems = check(graph); !problems.empty()) {
    throw Error({.code = "G001",
                 .found = "the graph breaks an invariant",
                 .where = {.item = graph.title},
                 .details = std::move(problems)});
  }
}

}  // namespace

WriteReport write_onnx(const Graph& graph, const std::filesystem::path& path,
                       const WriteOptions& options) {
  require_sound(graph);
  const std::filesystem::path data_path = path.string() + ".data";
  std::vector<Piece> model = encode_model(graph, "", nullptr);
  std::vector<Piece> data;
  if (options.external_data || total(model) > options.max_bytes) {
    model = encode_model(graph, data_path.filename().string(), &data);
  }
  OutputFile file(path, options.overwrite);
  if (data.empty()) {
    write_pieces(sink_of(file), model);
    file.commit();
    return {.model_bytes = total(model)};
  }
  OutputFile data_file(data_path, options.overwrite);
  write_pieces(sink_of(data_file), data);
  write_pieces(sink_of(file), model);
  data_file.commit();
  file.commit();
  return {.model_bytes = total(model), .data_bytes = total(data)};
}

std::vector<std::byte> write_onnx(const Graph& graph, const WriteOptions& options) {
  require_sound(graph);
  const std::vector<Piece> model = encode_model(graph, "", nullptr);
  if (options.external_data || total(model) > options.max_bytes) {
    throw Error({.code = "O003",
                 .found = fmt::format("a model of {} whose weights need a file of their own",
                                      size_text(total(model))),
                 .where = {.item = graph.title},
                 .expected = "a model in memory, in one piece",
                 .hint = "write it to a file"});
  }
  std::vector<std::byte> bytes;
  bytes.reserve(total(model));
  write_pieces(sink_of(bytes), model);
  return bytes;
}

}  // namespace tv2onnx
