#include "base/json_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace tv2onnx {
namespace {

/// The library escapes the control characters below a blank, but neither DEL nor those of C1.
std::string dumped(const nlohmann::ordered_json& json, int indent) {
  const std::string text =
      json.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (std::size_t k = 0; k < text.size(); ++k) {
    const auto next = static_cast<unsigned char>(k + 1 < text.size() ? text[k + 1] : 0);
    if (text[k] == '\x7F') {
      safe += "\\u007f";
    } else if (text[k] == '\xC2' && next >= 0x80 && next < 0xA0) {
      safe += fmt::format("\\u{:04x}", next);
      ++k;
    } else {
      safe += text[k];
    }
  }
  return safe;
}

}  // namespace

double short_number(float value) {
  return std::strtod(fmt::format("{}", value).c_str(), nullptr);
}

std::string json_text(const nlohmann::ordered_json& json) {
  return dumped(json, 2);
}

std::string json_line(const nlohmann::ordered_json& json) {
  return dumped(json, -1);
}

std::string json_list(const std::vector<std::string>& items, std::string_view indent) {
  if (items.empty()) return "[]";
  return fmt::format("[\n{0}  {1}\n{0}]", indent, fmt::join(items, fmt::format(",\n{}  ", indent)));
}

}  // namespace tv2onnx
