#include "cli/image_size.h"

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {

ImageSize parse_size(const std::string& text) {
  ImageSize size{};
  const char* end = text.data() + text.size();
  const auto height = std::from_chars(text.data(), end, size[0]);
  if (height.ec == std::errc() && height.ptr != end && *height.ptr == 'x') {
    const auto width = std::from_chars(height.ptr + 1, end, size[1]);
    if (width.ec == std::errc() && width.ptr == end && size[0] > 0 && size[1] > 0) return size;
  }
  throw Error({.code = "U002",
               .found = fmt::format("'{}' is not a size", printable(text)),
               .where = {.item = "--size"},
               .expected = "height and width, such as 480x640"});
}

}  // namespace tv2onnx::cli
