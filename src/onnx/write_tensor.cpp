#include "onnx/write_tensor.h"

#include "onnx/schema.h"
#include "onnx/wire.h"

namespace tv2onnx {
namespace {

using wire::put_bytes;
using wire::put_int;

constexpr std::uint64_t kAlignment = 64;  // of weights in a data file
constexpr std::uint64_t kWorthMoving = 1024;

std::string encode_head(const OnnxTensor& tensor) {
  std::string out;
  for (const std::int64_t dim : tensor.dims) put_int(out, schema::tensor::kDims, dim);
  put_int(out, schema::tensor::kDataType, tensor.data_type);
  if (!tensor.name.empty()) put_bytes(out, schema::tensor::kName, tensor.name);
  return out;
}

void put_external(std::string& out, std::string_view key, std::string_view value) {
  put_bytes(out, schema::tensor::kExternalData, encode_entry(key, value));
}

void put_location_external(std::string& out) {
  put_int(out, schema::tensor::kDataLocation, schema::tensor::kLocationExternal);
}

/// Small tensors (shapes, indices) stay in the model: runtimes need them to infer shapes.
bool goes_outside(const OnnxTensor& tensor) {
  return tensor.external.empty() &&
         (tensor.elements ? tensor.elements->byte_size() : tensor.bytes.size()) >= kWorthMoving;
}

/// The tensor's elements go to the data file; what the model says instead.
std::string move_outside(const OnnxTensor& tensor, DataFile& data) {
  const std::uint64_t start = (data.end + kAlignment - 1) / kAlignment * kAlignment;
  data.pieces.text().append(start - data.end, '\0');
  data.pieces.add(tensor);
  data.end = start + tensor.byte_size();
  std::string out = encode_head(tensor);
  put_external(out, "location", data.location);
  put_external(out, "offset", std::to_string(start));
  put_external(out, "length", std::to_string(tensor.byte_size()));
  put_location_external(out);
  return out;
}

}  // namespace

std::string encode_entry(std::string_view key, std::string_view value) {
  std::string out;
  put_bytes(out, schema::string_entry::kKey, key);
  put_bytes(out, schema::string_entry::kValue, value);
  return out;
}

Pieces encode_tensor(const OnnxTensor& tensor) {
  Pieces out;
  out.text() = encode_head(tensor);
  if (tensor.external.empty()) {
    wire::put_bytes_header(out.text(), schema::tensor::kRawData, tensor.byte_size());
    out.add(tensor);
    return out;
  }
  for (const auto& [key, value] : tensor.external) put_external(out.text(), key, value);
  put_location_external(out.text());
  return out;
}

void put_initializer(Pieces& out, const OnnxTensor& tensor, DataFile* data) {
  if (data != nullptr && goes_outside(tensor)) {
    put_bytes(out.text(), schema::graph::kInitializer, move_outside(tensor, *data));
  } else if (!tensor.source.empty()) {
    out.field(schema::graph::kInitializer, tensor.source);
  } else {
    Pieces message = encode_tensor(tensor);
    wire::put_bytes_header(out.text(), schema::graph::kInitializer, message.size());
    out.append(std::move(message));
  }
}

}  // namespace tv2onnx
