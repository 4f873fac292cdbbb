// What requests and responses say, without the network.

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "serve/http.h"

namespace tv2onnx::serve {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const int letter = std::tolower(static_cast<unsigned char>(c));
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t k = 0; k < text.size(); ++k) {
    const bool escape = text[k] == '%' && k + 2 < text.size() && hex_digit(text[k + 1]) >= 0 &&
                        hex_digit(text[k + 2]) >= 0;
    if (escape) {
      plain += static_cast<char>(hex_digit(text[k + 1]) * 16 + hex_digit(text[k + 2]));
      k += 2;
    } else {
      plain += text[k] == '+' ? ' ' : text[k];
    }
  }
  return plain;
}

/// Shows `take` each parameter of the query, name and value decoded.
template <typename Take>
void for_each_parameter(std::string_view target, Take take) {
  const std::size_t mark = target.find('?');
  std::string_view query = mark == std::string_view::npos ? "" : target.substr(mark + 1);
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    take(decoded(pair.substr(0, equals)), decoded(pair.substr(std::min(pair.size(), equals + 1))));
  }
}

}  // namespace

std::string_view HttpRequest::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view HttpRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same_name(key, name)) return value;
  }
  return "";
}

std::string HttpRequest::parameter(std::string_view name) const {
  std::string found;
  for_each_parameter(target, [&](const std::string& key, const std::string& value) {
    if (key == name) found = value;
  });
  return found;
}

std::vector<std::string> HttpRequest::parameters() const {
  std::vector<std::string> names;
  for_each_parameter(target,
                     [&](const std::string& key, const std::string&) { names.push_back(key); });
  return names;
}

HttpResponse error_response(int status, const std::string& text) {
  return {.status = status, .body = json_line({{"error", text}}) + "\n"};
}

}  // namespace tv2onnx::serve
