#include "checkpoint/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

#include "base/byte_reader.h"
#include "base/text.h"
#include "checkpoint/class_names.h"
#include "checkpoint/safetensors_header.h"
#include "checkpoint/unwrap.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

// The JSON parser takes up to twice the length of a string. Real headers have some 100 bytes a
// tensor.
constexpr std::uint64_t kMaxHeader = 16 << 20;

constexpr auto kSafetensorsTypes = std::to_array<std::pair<std::string_view, DType>>({
    {"F32", DType::kFloat32},
    {"F64", DType::kFloat64},
    {"F16", DType::kFloat16},
    {"BF16", DType::kBFloat16},
    {"I8", DType::kInt8},
    {"I16", DType::kInt16},
    {"I32", DType::kInt32},
    {"I64", DType::kInt64},
    {"U8", DType::kUInt8},
    {"BOOL", DType::kBool},
});

[[noreturn]] void fail_safetensors(std::string found, std::uint64_t offset,
                                   std::string_view name = {}) {
  throw Error({.code = "C007",
               .found = std::move(found),
               .where = {.file = {}, .offset = offset, .item = printable(name)}});
}

DType dtype_of(const SafetensorsEntry& entry) {
  const auto row = std::ranges::find(kSafetensorsTypes, entry.dtype,
                                     &decltype(kSafetensorsTypes)::value_type::first);
  if (row != kSafetensorsTypes.end()) return row->second;
  throw Error({.code = "C009",
               .found = fmt::format("element type {} is not supported", printable(entry.dtype, 20)),
               .where = {.file = {}, .offset = {}, .item = printable(entry.name)},
               .expected = "F32, F64, F16, BF16, I8, I16, I32, I64, U8 or BOOL",
               .hint = "convert the tensor in Python before saving, for example with .float()"});
}

/// Bytes of the elements, or null if the number is beyond 63 bits.
std::optional<std::uint64_t> byte_count(const Shape& shape, DType dtype) {
  auto count = static_cast<std::int64_t>(dtype_size(dtype));
  bool overflow = false;
  for (const std::int64_t size : shape) {
    overflow |= __builtin_mul_overflow(count, size, &count);
  }
  if (overflow) return std::nullopt;
  return static_cast<std::uint64_t>(count);
}

Tensor tensor_of(const SafetensorsEntry& entry, std::span<const std::byte> data,
                 std::uint64_t data_offset) {
  const DType dtype = dtype_of(entry);
  if (entry.range.size() != 2)
    fail_safetensors("a tensor has no data_offsets", data_offset, entry.name);
  const std::uint64_t begin = entry.range[0];
  const std::uint64_t end = entry.range[1];
  if (begin > end || end > data.size()) {
    fail_safetensors(fmt::format("data_offsets [{},{}] are outside the data of {} bytes", begin,
                                 end, data.size()),
                     data_offset, entry.name);
  }
  if (byte_count(entry.shape, dtype) != end - begin) {
    fail_safetensors(
        fmt::format("{} bytes for {} {}", end - begin, entry.dtype, shape_text(entry.shape)),
        data_offset + begin, entry.name);
  }
  return {.dtype = dtype,
          .shape = entry.shape,
          .strides = {},
          .data = data.data() + begin,
          .owner = nullptr};
}

void check_coverage(const std::vector<SafetensorsEntry>& tensors, std::uint64_t data_size,
                    std::uint64_t data_offset) {
  std::vector<std::uint32_t> order(tensors.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::uint32_t index) {
    return std::pair(tensors[index].range[0], tensors[index].range[1]);
  });
  std::uint64_t covered = 0;
  for (const std::uint32_t index : order) {
    const SafetensorsEntry& entry = tensors[index];
    if (entry.range[0] != covered) {
      fail_safetensors(
          entry.range[0] < covered ? "two tensors overlap" : "bytes before a tensor belong to none",
          data_offset + entry.range[0], entry.name);
    }
    covered = entry.range[1];
  }
  if (covered != data_size) {
    fail_safetensors(fmt::format("the last {} bytes belong to no tensor", data_size - covered),
                     data_offset + covered);
  }
}

}  // namespace

void read_safetensors(Checkpoint& checkpoint, const OpenOptions& options) {
  checkpoint.description = "safetensors";
  ByteReader reader(checkpoint.bytes(), 0, "C002");
  const auto length = reader.number<std::uint64_t>("the length of the header");
  if (length > kMaxHeader) fail_safetensors(fmt::format("a header of {} bytes", length), 0);
  const std::uint64_t header_offset = reader.file_offset();
  SafetensorsHeader header =
      parse_safetensors_header(reader.text(length, "the header"), header_offset);
  const std::uint64_t data_offset = reader.file_offset();
  const std::span<const std::byte> data = reader.rest();
  for (const SafetensorsEntry& entry : header.tensors) {
    Tensor tensor = tensor_of(entry, data, data_offset);
    tensor.owner = checkpoint.owner_;
    checkpoint.tensors.push_back({entry.name, std::move(tensor)});
  }
  check_coverage(header.tensors, data.size(), data_offset);
  if (checkpoint.tensors.empty()) {
    throw Error({.code = "C010", .found = "the file holds no tensors"});
  }
  require_unique_names(checkpoint, "C007");
  take_model(checkpoint, options.prefix);
  checkpoint.extras = std::move(header.metadata);
  checkpoint.class_lists = find_class_names(checkpoint);
}

}  // namespace tv2onnx
