#include "base/byte_reader.h"

#include <fmt/format.h>

#include "tv2onnx/error.h"

namespace tv2onnx {

std::string_view ByteReader::line(std::string_view what) {
  const std::string_view text = as_text(rest());
  const std::size_t length = text.find('\n');
  if (length == std::string_view::npos) fail(text.size() + 1, what);
  position_ += length + 1;
  return text.substr(0, length);
}

void ByteReader::fail(std::uint64_t count, std::string_view what) const {
  throw Error({.code = code_,
               .found = fmt::format("the data ends inside {}", what),
               .where = {.file = {}, .offset = file_offset(), .item = {}},
               .expected = fmt::format("{} bytes, {} are left", count, remaining()),
               .hint = "compare the size with the original, and copy or download it again"});
}

}  // namespace tv2onnx
