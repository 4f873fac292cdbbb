#include "checkpoint/pickle_text.h"

#include <charconv>
#include <cstdint>

namespace tv2onnx {
namespace {

/// Takes `digits` hexadecimal digits off the front of `text`.
std::optional<std::uint32_t> take_hex(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  std::uint32_t value = 0;
  const char* end = text.data() + digits;
  if (std::from_chars(text.data(), end, value, 16).ptr != end) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

std::optional<char> simple_escape(char letter) {
  switch (letter) {
    case '\\':
    case '\'':
    case '"': return letter;
    case 'a': return '\a';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    default: return std::nullopt;
  }
}

}  // namespace

std::string utf8(std::uint32_t character) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  const auto tail = [&](int shift) { return byte(0x80U | ((character >> shift) & 0x3FU)); };
  if (character < 0x80) return {byte(character)};
  if (character < 0x800) return {byte(0xC0U | (character >> 6)), tail(0)};
  if (character < 0x10000) return {byte(0xE0U | (character >> 12)), tail(6), tail(0)};
  return {byte(0xF0U | (character >> 18)), tail(12), tail(6), tail(0)};
}

std::optional<std::string> unquote(std::string_view literal) {
  if (literal.size() < 2) return std::nullopt;
  const char quote = literal.front();
  if ((quote != '\'' && quote != '"') || literal.back() != quote) return std::nullopt;
  literal = literal.substr(1, literal.size() - 2);
  std::string text;
  while (!literal.empty()) {
    const char next = literal.front();
    literal.remove_prefix(1);
    if (next != '\\') {
      text += next;
      continue;
    }
    if (literal.empty()) return std::nullopt;
    const char letter = literal.front();
    literal.remove_prefix(1);
    if (letter == 'x') {
      const auto value = take_hex(literal, 2);
      if (!value) return std::nullopt;
      text += static_cast<char>(*value);
    } else if (const auto escaped = simple_escape(letter)) {
      text += *escaped;
    } else {
      return std::nullopt;
    }
  }
  return text;
}

std::optional<std::string> decode_raw_unicode(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    const bool is_short = text.starts_with("\\u");
    if (is_short || text.starts_with("\\U")) {
      text.remove_prefix(2);
      const auto value = take_hex(text, is_short ? 4 : 8);
      if (!value || *value > 0x10FFFF) return std::nullopt;
      decoded += utf8(*value);
    } else {
      decoded += utf8(static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
    }
  }
  return decoded;
}

}  // namespace tv2onnx
