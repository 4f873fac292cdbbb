#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "tv2onnx/error.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {

Config::Config(std::span<const Option> options) {
  for (const Option& option : options) entries_.push_back({&option, option.standard, "default"});
}

void Config::set(std::string_view name, Setting value, std::string origin) {
  const auto found = std::ranges::find_if(
      entries_, [&](const Entry& candidate) { return candidate.option->name == name; });
  if (found == entries_.end()) {
    std::vector<std::string_view> known;
    for (const Entry& candidate : entries_) known.push_back(candidate.option->name);
    const std::string nearest = nearest_name(name, known);
    throw Error({.code = "U001",
                 .found = fmt::format("the model has no option '{}'", printable(name)),
                 .where = {.item = std::move(origin)},
                 .hint = nearest.empty() ? "tv2onnx models NAME lists the options"
                                         : fmt::format("did you mean {}?", nearest)});
  }
  if (!found->option->kind.accepts(value)) {
    throw Error({.code = "U002",
                 .found = fmt::format("{} = {}", name, printable(to_json(value))),
                 .where = {.item = std::move(origin)},
                 .expected = std::string(found->option->kind.values)});
  }
  found->value = std::move(value);
  found->origin = std::move(origin);
}

void Config::take_from(const Checkpoint& checkpoint) {
  for (const Entry& candidate : entries_) {
    if (candidate.option->attribute.empty()) continue;
    const Setting* stated = find_attribute(checkpoint, candidate.option->attribute);
    if (stated != nullptr) set(candidate.option->name, *stated, "checkpoint");
  }
}

const Config::Entry& Config::entry(std::string_view name) const {
  const auto found = std::ranges::find_if(
      entries_, [&](const Entry& candidate) { return candidate.option->name == name; });
  if (found == entries_.end()) {
    throw Error({.code = "X001", .found = fmt::format("no option '{}'", name)});
  }
  return *found;
}

const Setting& Config::operator[](std::string_view name) const {
  return entry(name).value;
}
const std::string& Config::origin(std::string_view name) const {
  return entry(name).origin;
}

SettingDict Config::all() const {
  SettingDict dict;
  for (const Entry& candidate : entries_) {
    dict.emplace_back(candidate.option->name, candidate.value);
  }
  return dict;
}

}  // namespace tv2onnx
