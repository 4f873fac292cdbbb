#include "checkpoint/script_constants.h"

#include <algorithm>
#include <optional>

#include "base/byte_reader.h"
#include "base/text.h"
#include "checkpoint/inflate.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::string_view kRoot = "__torch__.";
constexpr std::string_view kMangled = "___torch_mangle_";

/// A literal of Python as JSON: tuples are lists, and may end with a comma.
std::string as_json(std::string_view literal) {
  std::string json;
  for (std::size_t k = 0; k < literal.size(); ++k) {
    const std::string_view rest = literal.substr(k);
    if (rest[0] == '"') {
      const std::size_t end = std::min(rest.find('"', 1), rest.size() - 1);
      json += rest.substr(0, end + 1);
      k += end;
    } else if (rest[0] == '(') {
      json += '[';
    } else if (rest[0] == ')' || rest[0] == ']') {
      if (json.ends_with(',')) json.pop_back();
      json += ']';
    } else if (rest.starts_with("True") || rest.starts_with("None")) {
      json += rest[0] == 'T' ? "true" : "null";
      k += 3;
    } else if (rest.starts_with("False")) {
      json += "false";
      k += 4;
    } else if (rest[0] != ' ') {
      json += rest[0];
    }
  }
  return json;
}

std::optional<Setting> literal_value(std::string_view literal) {
  constexpr std::size_t kLongest = 10'000;
  if (literal.size() > kLongest) return std::nullopt;
  try {
    return parse_json(as_json(literal));
  } catch (const Error&) {
    return std::nullopt;  // an enum, an infinity
  }
}

/// The declarations of one class, which end where its first function begins.
SettingDict constants_in(std::string_view text, std::string_view name) {
  SettingDict constants;
  const std::string head = "class " + std::string(name) + "(Module):\n";
  std::size_t at = text.find(head);
  if (at == std::string_view::npos) return constants;
  at += head.size();
  while (text.substr(at).starts_with("  ") && !text.substr(at).starts_with("  def ")) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    const std::size_t mark = line.find(" : Final[");
    const std::size_t equal = line.find("] = ");
    if (mark != std::string_view::npos && equal != std::string_view::npos) {
      if (auto value = literal_value(line.substr(equal + 4))) {
        constants.emplace_back(line.substr(2, mark - 2), *std::move(value));
      }
    }
    at = std::min(end + 1, text.size());
  }
  return constants;
}

/// The text of a program, which is taken off `left`.
std::string text_of(const ZipEntry& entry, std::size_t& left) {
  std::optional<std::string> text;
  if (entry.compressed) {
    text = inflate(entry.bytes, left);
  } else if (entry.bytes.size() <= left) {
    text = std::string(as_text(entry.bytes));
  }
  if (!text) {
    throw Error({.code = "P002",
                 .found = "a program of the archive is damaged, or larger than any real one",
                 .where = {.file = {}, .offset = entry.offset, .item = printable(entry.name)}});
  }
  left -= text->size();
  return *std::move(text);
}

}  // namespace

std::string plain_class_name(std::string_view name) {
  if (!name.starts_with(kRoot)) return std::string(name);
  std::string plain(name.substr(kRoot.size()));
  for (std::size_t at = plain.find(kMangled); at != std::string::npos; at = plain.find(kMangled)) {
    const std::size_t dot = plain.find('.', at);
    plain.erase(at, dot == std::string::npos ? dot : dot + 1 - at);
  }
  return plain;
}

const SettingDict& ScriptConstants::of(std::string_view class_name) {
  const auto known = known_.find(class_name);
  if (known != known_.end()) return known->second;
  SettingDict& constants = known_[std::string(class_name)];
  const std::size_t dot = class_name.rfind('.');
  if (dot == std::string_view::npos) return constants;
  std::string path(class_name.substr(0, dot));
  std::ranges::replace(path, '.', '/');
  const ZipEntry* entry = archive_->find(folder_ + "code/" + path + ".py");
  if (entry == nullptr) return constants;
  constants = constants_in(text_of(*entry, left_), class_name.substr(dot + 1));
  any_ = any_ || !constants.empty();
  return constants;
}

}  // namespace tv2onnx
