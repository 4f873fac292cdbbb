#include "onnx/parse_tensor.h"

#include <bit>
#include <cstring>

#include "onnx/schema.h"

namespace tv2onnx {

using wire::Field;
using wire::Reader;

namespace {

/// Elements that came as protobuf numbers, in the layout of raw_data.
void own_numbers(OnnxTensor& tensor, const std::vector<std::int64_t>& numbers) {
  const std::string type = schema::data_type_name(tensor.data_type);
  std::size_t size = 4;
  if (type == "int64" || type == "uint64") size = 8;
  if (type == "int16" || type == "uint16" || type == "float16" || type == "bfloat16") size = 2;
  if (type == "int8" || type == "uint8" || type == "bool") size = 1;
  auto bytes = std::make_shared<std::vector<std::byte>>(numbers.size() * size);
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    std::memcpy(bytes->data() + k * size, &numbers[k], size);
  }
  tensor.bytes = *bytes;
  tensor.owner = std::move(bytes);
}

}  // namespace

void take_integers(const Reader& reader, const Field& field, std::vector<std::int64_t>& values) {
  if (field.type == wire::Type::kVarint) values.push_back(field.integer());
  if (field.type != wire::Type::kBytes) return;
  for (Reader packed = reader.inside(field); !packed.at_end();) {
    values.push_back(static_cast<std::int64_t>(packed.varint()));
  }
}

void take_floats(const Field& field, std::vector<float>& values) {
  if (field.type == wire::Type::kFixed32) {
    values.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(field.value)));
  } else if (field.type == wire::Type::kBytes) {
    const std::size_t count = field.bytes.size() / sizeof(float);
    if (count == 0) return;  // there may be no address to copy from
    values.resize(values.size() + count);
    std::memcpy(&values[values.size() - count], field.bytes.data(), count * sizeof(float));
  }
}

std::pair<std::string, std::string> read_entry(Reader reader) {
  std::pair<std::string, std::string> entry;
  Field field;
  while (reader.next(field)) {
    if (field.is_bytes(schema::string_entry::kKey)) entry.first = field.text();
    if (field.is_bytes(schema::string_entry::kValue)) entry.second = field.text();
  }
  return entry;
}

OnnxTensor read_tensor(const Reader& outer, const Field& message) {
  OnnxTensor tensor;
  tensor.source = message.bytes;
  std::vector<std::int64_t> numbers;
  std::vector<float> floats;
  Reader reader = outer.inside(message);
  Field field;
  while (reader.next(field)) {
    if (field.number == schema::tensor::kDims) take_integers(reader, field, tensor.dims);
    if (field.is_integer(schema::tensor::kDataType)) tensor.data_type = field.integer();
    if (field.is_bytes(schema::tensor::kName)) tensor.name = field.text();
    if (field.is_bytes(schema::tensor::kRawData)) tensor.bytes = field.bytes;
    if (field.number == schema::tensor::kInt32Data || field.number == schema::tensor::kInt64Data) {
      take_integers(reader, field, numbers);
    }
    // Packed floats and doubles lie as in raw_data.
    if (field.is_bytes(schema::tensor::kFloatData) || field.is_bytes(schema::tensor::kDoubleData)) {
      tensor.bytes = field.bytes;
    } else if (field.number == schema::tensor::kFloatData) {
      take_floats(field, floats);
    }
    if (field.is_bytes(schema::tensor::kExternalData)) {
      auto [key, value] = read_entry(reader.inside(field));
      tensor.external[std::move(key)] = std::move(value);
    }
  }
  if (!numbers.empty()) own_numbers(tensor, numbers);
  if (!floats.empty()) {
    auto bytes = std::make_shared<std::vector<std::byte>>(floats.size() * sizeof(float));
    std::memcpy(bytes->data(), floats.data(), bytes->size());
    tensor.bytes = *bytes;
    tensor.owner = std::move(bytes);
  }
  return tensor;
}

}  // namespace tv2onnx
