#include "onnx/wire.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "tv2onnx/error.h"

namespace tv2onnx::wire {
namespace {

void put_tag(std::string& out, int field, Type type) {
  put_varint(out, static_cast<std::uint64_t>(field) << 3U | static_cast<std::uint64_t>(type));
}

}  // namespace

void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7U;
  }
  out.push_back(static_cast<char>(value));
}

void put_int(std::string& out, int field, std::int64_t value) {
  put_tag(out, field, Type::kVarint);
  put_varint(out, static_cast<std::uint64_t>(value));
}

void put_float(std::string& out, int field, float value) {
  put_tag(out, field, Type::kFixed32);
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(bits >> shift));
}

void put_bytes(std::string& out, int field, std::string_view bytes) {
  put_bytes_header(out, field, bytes.size());
  out += bytes;
}

void put_bytes_header(std::string& out, int field, std::uint64_t length) {
  put_tag(out, field, Type::kBytes);
  put_varint(out, length);
}

std::span<const std::byte> Reader::take(std::uint64_t count) {
  if (count > rest_.size()) {
    throw Error({.code = "O002",
                 .found = fmt::format("a field of {} bytes where {} are left", count, rest_.size()),
                 .where = {.offset = offset_},
                 .hint = "the file was cut off or changed: compare its size with the original's, "
                         "and copy, download or export it again"});
  }
  const auto taken = rest_.first(count);
  rest_ = rest_.subspan(count);
  offset_ += count;
  return taken;
}

void Reader::take_fixed(Field& field, std::size_t size) {
  field.bytes = take(size);
  field.value = 0;
  std::memcpy(&field.value, field.bytes.data(), size);
}

std::uint64_t Reader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = std::to_integer<std::uint64_t>(take(1)[0]);
    value |= (byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  throw Error(
      {.code = "O002", .found = "a number longer than 10 bytes", .where = {.offset = offset_}});
}

bool Reader::next(Field& field) {
  if (rest_.empty()) return false;
  const std::uint64_t start = offset_;
  const std::uint64_t tag = varint();
  field.number = static_cast<int>(tag >> 3U);
  switch (tag & 7U) {
    case static_cast<unsigned>(Type::kVarint):
      field.type = Type::kVarint;
      field.value = varint();
      return true;
    case static_cast<unsigned>(Type::kBytes):
      field.type = Type::kBytes;
      field.bytes = take(varint());
      return true;
    case static_cast<unsigned>(Type::kFixed32):
      field.type = Type::kFixed32;
      take_fixed(field, 4);
      return true;
    case static_cast<unsigned>(Type::kFixed64):
      field.type = Type::kFixed64;
      take_fixed(field, 8);
      return true;
    default:
      throw Error({.code = "O002",
                   .found = fmt::format("wire type {} does not exist in ONNX files", tag & 7U),
                   .where = {.offset = start}});
  }
}

}  // namespace tv2onnx::wire
