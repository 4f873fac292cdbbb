#include "zoo/option_text.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/text.h"
#include "tv2onnx/error.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {
namespace {

/// Whether a model has an option of this name whose kind `fits`.
template <typename Fits>
bool any_option(std::string_view name, Fits fits) {
  return std::ranges::any_of(models(), [&](const Model& model) {
    return std::ranges::any_of(
        model.options, [&](const Option& row) { return row.name == name && fits(row.kind); });
  });
}

SettingList names_in(std::string_view text) {
  SettingList names;
  while (true) {
    const std::size_t comma = text.find(',');
    names.push_back({std::string(text.substr(0, comma))});
    if (comma == std::string_view::npos) return names;
    text.remove_prefix(comma + 1);
  }
}

/// JSON, of lists also without the brackets.
std::optional<Setting> json_in(std::string_view text) {
  const bool bare_list = text.find(',') != std::string_view::npos && !text.starts_with('[');
  try {
    return parse_json(bare_list ? "[" + std::string(text) + "]" : std::string(text));
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

Setting setting_from_text(std::string_view option, std::string_view text) {
  if (text == "None" || text == "none") return {};
  std::optional<Setting> json = json_in(text);
  const auto takes_json = [&](const OptionKind& kind) { return json && kind.accepts(*json); };
  if (any_option(option, takes_json)) return *std::move(json);
  if (any_option(option, [](const OptionKind& kind) { return kind.names; })) {
    return {names_in(text)};
  }
  if (any_option(option, [](const OptionKind& kind) { return kind.text; })) {
    return {std::string(text)};
  }
  if (json) return *std::move(json);
  throw Error({.code = "U002",
               .found = "'" + std::string(text) + "' is neither a number nor a list of numbers",
               .where = {.item = flag_of(option)},
               .expected = "for example 0.5, or 10,10,5,5, or [[32,64],[128]]"});
}

}  // namespace tv2onnx
