#pragma once
// The text forms of protocol 0: Python literals.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tv2onnx {

/// A Python string literal with its quotes: 'it\'s' or "it's". Null if it is none.
std::optional<std::string> unquote(std::string_view literal);
/// raw-unicode-escape as UTF-8: every character but \uXXXX and \UXXXXXXXX is Latin-1.
std::optional<std::string> decode_raw_unicode(std::string_view text);
/// UTF-8 of one character, which must be a valid code point.
std::string utf8(std::uint32_t character);

}  // namespace tv2onnx
