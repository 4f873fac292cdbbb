#include "onnx/parse_tensor.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "onnx/schema.h"
#include "tv2onnx/error.h"

namespace tv2onnx {

using wire::Field;
using wire::Reader;

namespace {

/// The pieces of a repeated field: a view of the file if there is one piece, else a copy.
class TensorPieces {
 public:
  void add(std::span<const std::byte> piece) {
    if (view_.empty() && copy_.empty()) {
      view_ = piece;
    } else {
      copy(wire::text_of(piece));
    }
  }
  void copy(std::string_view piece) {
    if (copy_.empty()) copy_ = wire::text_of(view_);
    copy_ += piece;
  }
  bool copied() const { return !copy_.empty(); }
  std::span<const std::byte> bytes() const {
    return copied() ? std::as_bytes(std::span(copy_)) : view_;
  }

 private:
  std::span<const std::byte> view_;
  std::string copy_;
};

void own(OnnxTensor& tensor, std::vector<std::byte> elements) {
  auto bytes = std::make_shared<std::vector<std::byte>>(std::move(elements));
  tensor.bytes = *bytes;
  tensor.owner = std::move(bytes);
}

/// Of packed numbers; the last byte of each is below 0x80.
std::size_t count_varints(std::span<const std::byte> packed) {
  return static_cast<std::size_t>(std::ranges::count_if(
      packed, [](std::byte byte) { return std::to_integer<unsigned>(byte) < 0x80; }));
}

/// As many as the shape says; numbers of 4 bits come in pairs. Nullopt: nonsense, or too many.
std::optional<std::uint64_t> number_count(const OnnxTensor& tensor) {
  const std::optional<std::uint64_t> elements = tensor.element_count();
  if (!elements) return std::nullopt;
  return schema::data_type_bits(tensor.data_type) == 4 ? *elements / 2 + *elements % 2 : *elements;
}

/// Elements that came as protobuf numbers, in the layout of raw_data. They take up to 8 times the
/// bytes, so nothing is made of numbers that are not as many as the shape says.
void own_numbers(OnnxTensor& tensor, std::span<const std::byte> numbers) {
  const std::uint64_t count = count_varints(numbers);
  const std::size_t size = std::max<std::size_t>(8, schema::data_type_bits(tensor.data_type)) / 8;
  if (number_count(tensor) != count || size > sizeof(std::uint64_t)) return;
  std::vector<std::byte> bytes(count * size);
  Reader reader(numbers);
  for (std::uint64_t k = 0; k < count; ++k) {
    const std::uint64_t number = reader.varint();
    std::memcpy(bytes.data() + k * size, &number, size);
  }
  own(tensor, std::move(bytes));
}

/// What read_tensor collects of elements, in whatever form the file has them.
struct Elements {
  TensorPieces numbers;  ///< varints
  TensorPieces floats;   ///< as in raw_data
  std::optional<std::span<const std::byte>> raw;
};

void take_elements(const Field& field, Elements& elements) {
  const bool packed = field.type == wire::Type::kBytes;
  switch (field.number) {
    case schema::tensor::kRawData:
      if (packed) elements.raw = field.bytes;
      break;
    case schema::tensor::kFloatData:
      if (packed || field.type == wire::Type::kFixed32) elements.floats.add(field.bytes);
      break;
    case schema::tensor::kDoubleData:
      if (packed || field.type == wire::Type::kFixed64) elements.floats.add(field.bytes);
      break;
    case schema::tensor::kInt32Data:
    case schema::tensor::kInt64Data:
    case schema::tensor::kUInt64Data:
      if (packed) elements.numbers.add(field.bytes);
      if (field.type == wire::Type::kVarint) {
        std::string number;
        wire::put_varint(number, field.value);
        elements.numbers.copy(number);
      }
      break;
    default: break;
  }
}

void put_elements(const Elements& elements, OnnxTensor& tensor) {
  if (elements.raw) {  // as ONNX Runtime reads a tensor that has several
    tensor.bytes = *elements.raw;
  } else if (!elements.numbers.bytes().empty()) {
    own_numbers(tensor, elements.numbers.bytes());
  } else if (elements.floats.copied()) {
    const auto bytes = elements.floats.bytes();
    own(tensor, {bytes.begin(), bytes.end()});
  } else {
    tensor.bytes = elements.floats.bytes();
  }
}

}  // namespace

void take_integers(const Reader& reader, const Field& field, std::vector<std::int64_t>& values) {
  if (field.type == wire::Type::kVarint) values.push_back(field.integer());
  if (field.type != wire::Type::kBytes) return;
  values.reserve(values.size() + count_varints(field.bytes));
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

void require_rank(std::size_t rank, std::uint64_t offset) {
  if (rank <= kMostDims) return;
  throw Error({.code = "O002",
               .found = fmt::format("a shape of more than {} dimensions", kMostDims),
               .where = {.offset = offset}});
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
  Elements elements;
  Reader reader = outer.inside(message);
  Field field;
  while (reader.next(field)) {
    if (field.number == schema::tensor::kDims) {
      take_integers(reader, field, tensor.dims);
      require_rank(tensor.dims.size(), reader.offset());
    }
    if (field.is_integer(schema::tensor::kDataType)) tensor.data_type = field.integer();
    if (field.is_bytes(schema::tensor::kName)) tensor.name = field.text();
    take_elements(field, elements);
    if (field.is_bytes(schema::tensor::kExternalData)) {
      auto [key, value] = read_entry(reader.inside(field));
      tensor.external[std::move(key)] = std::move(value);
    }
  }
  put_elements(elements, tensor);
  return tensor;
}

}  // namespace tv2onnx
