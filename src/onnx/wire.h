#pragma once
// The protobuf wire format, as much of it as ONNX uses (protobuf.dev/programming-guides/encoding):
// a message is a sequence of (field number, wire type, value).

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tv2onnx::wire {

inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// ---- writing: each function appends one field
void put_varint(std::string& out, std::uint64_t value);
void put_int(std::string& out, int field, std::int64_t value);
void put_float(std::string& out, int field, float value);
void put_bytes(std::string& out, int field, std::string_view bytes);
/// Tag and length of a bytes field whose content follows.
void put_bytes_header(std::string& out, int field, std::uint64_t length);

// ---- reading
enum class Type : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct Field {
  int number = 0;
  Type type = Type::kVarint;
  std::uint64_t value = 0;           ///< varint and fixed values
  std::span<const std::byte> bytes;  ///< of kBytes

  std::string_view text() const { return text_of(bytes); }
  std::int64_t integer() const { return static_cast<std::int64_t>(value); }
  /// A field of the right number but of another type is an unknown field, as in protobuf.
  bool is_integer(int wanted) const { return number == wanted && type == Type::kVarint; }
  bool is_bytes(int wanted) const { return number == wanted && type == Type::kBytes; }
};

/// Walks the fields of a message.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> message, std::uint64_t offset = 0)
      : rest_(message), offset_(offset) {}

  /// The next field; false at the end. \throws Error O002 with the byte offset.
  bool next(Field& field);
  /// Reads the message in a bytes field that next() gave last.
  Reader inside(const Field& field) const {
    return Reader(field.bytes, offset_ - field.bytes.size());
  }
  /// A number outside any field, as in packed repeated fields. \throws Error O002.
  std::uint64_t varint();
  bool at_end() const { return rest_.empty(); }
  /// The bytes between this position and `later`, a later one in the same message.
  std::span<const std::byte> since(const Reader& later) const {
    return rest_.first(rest_.size() - later.rest_.size());
  }
  /// Offset in the file of the byte after the last field.
  std::uint64_t offset() const { return offset_; }

 private:
  void take_fixed(Field& field, std::size_t size);
  std::span<const std::byte> take(std::uint64_t count);

  std::span<const std::byte> rest_;
  std::uint64_t offset_;
};

}  // namespace tv2onnx::wire
