#include "tv2onnx/error.h"

#include <fmt/format.h>

#include <utility>

#include "base/longest_shown.h"
#include "base/text.h"

namespace tv2onnx {
namespace {

/// Made safe for a terminal. What files say cannot pass for a line of ours: those begin further
/// left.
std::string indented(std::string_view text) {
  std::string safe;
  for (const char c : printable_lines(text))
    safe += c == '\n' ? std::string("\n    ") : std::string(1, c);
  return safe;
}

std::string location(const Where& where) {
  std::string text = printable(where.file, kLongestShown);
  auto append = [&text](const std::string& part) {
    if (!text.empty()) text += ", ";
    text += part;
  };
  if (where.offset) append(fmt::format("byte {}", *where.offset));
  if (!where.item.empty()) append(printable(where.item, kLongestShown));
  return text;
}

std::string message(const ErrorParts& parts) {
  std::string text = fmt::format("error[{}]: {}", parts.code.name(), indented(parts.found));
  auto line = [&text](std::string_view label, const std::string& value) {
    if (!value.empty()) text += fmt::format("\n  {:<9} {}", label, indented(value));
  };
  line("at", location(parts.where));
  line("expected", parts.expected);
  for (const std::string& detail : parts.details) text += "\n  " + indented(detail);
  line("hint:", parts.hint);
  return text;
}

}  // namespace

Error::Error(ErrorParts parts) : parts_(std::move(parts)), text_(message(parts_)) {}

int Error::exit_code() const noexcept {
  return find_error_code(parts_.code.name())->exit_code;
}

Error Error::in_file(std::string_view path) const {
  ErrorParts parts = parts_;
  if (parts.where.file.empty()) parts.where.file = path;
  return Error(std::move(parts));
}

}  // namespace tv2onnx
