#include "onnx/parse_value.h"

#include <utility>

#include "onnx/parse_tensor.h"
#include "onnx/schema.h"

namespace tv2onnx {

using wire::Field;
using wire::Reader;

namespace {

// As in protobuf: of a choice the last one counts, and messages of one field that come several
// times are one message.

OnnxValueInfo::Dim read_dim(Reader reader) {
  OnnxValueInfo::Dim dim;
  Field field;
  while (reader.next(field)) {
    if (field.is_integer(schema::dim::kValue)) dim = {field.integer(), ""};
    if (field.is_bytes(schema::dim::kParam)) dim = {-1, std::string(field.text())};
  }
  return dim;
}

void read_tensor_type(Reader reader, OnnxValueInfo& value) {
  value.other_type.clear();
  Field field;
  while (reader.next(field)) {
    if (field.is_integer(schema::tensor_type::kElement)) value.data_type = field.integer();
    if (!field.is_bytes(schema::tensor_type::kShape)) continue;
    if (!value.dims) value.dims.emplace();
    Reader shape = reader.inside(field);
    Field dim;
    while (shape.next(dim)) {
      if (!dim.is_bytes(schema::shape::kDim)) continue;
      value.dims->push_back(read_dim(shape.inside(dim)));
      require_rank(value.dims->size(), shape.offset());
    }
  }
}

/// What kind of value it is where it is no tensor; "" for a field of another number.
std::string other_type(const Field& field) {
  if (field.is_bytes(schema::type::kSequence)) return "seq";
  if (field.is_bytes(schema::type::kMap)) return "map";
  if (field.is_bytes(schema::type::kSparseTensor)) return "sparse_tensor";
  return field.is_bytes(schema::type::kOptional) ? "optional" : "";
}

}  // namespace

OnnxValueInfo read_value_info(const Reader& outer, const Field& message) {
  OnnxValueInfo value;
  value.source = message.bytes;
  Reader reader = outer.inside(message);
  Field field;
  while (reader.next(field)) {
    if (field.is_bytes(schema::value_info::kName)) value.name = field.text();
    if (!field.is_bytes(schema::value_info::kType)) continue;
    Reader type = reader.inside(field);
    Field part;
    while (type.next(part)) {
      if (part.is_bytes(schema::type::kTensor)) {
        read_tensor_type(type.inside(part), value);
      } else if (std::string other = other_type(part); !other.empty()) {
        value.other_type = std::move(other);
        value.dims.reset();
        value.data_type = 0;
      }
    }
  }
  return value;
}

}  // namespace tv2onnx
