#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "tv2onnx/error.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {

TorchvisionVersion parse_torchvision_version(std::string_view text) {
  TorchvisionVersion version;
  const char* end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.major);
  if (major.ec == std::errc() && major.ptr != end && *major.ptr == '.') {
    const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
    if (minor.ec == std::errc() && (minor.ptr == end || *minor.ptr == '.')) return version;
  }
  throw Error({.code = "U002",
               .found = fmt::format("'{}' is not a torchvision version", printable(text)),
               .expected = "two numbers, such as 0.14 or 0.21.0"});
}

std::string to_text(TorchvisionVersion version) {
  return fmt::format("{}.{}", version.major, version.minor);
}

}  // namespace tv2onnx
