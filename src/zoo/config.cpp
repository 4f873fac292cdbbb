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
    // RetinaNet's and SSD's names are also those that Faster R-CNN has with box_.
    const std::string of_boxes = fmt::format("box_{}", name);
    const bool has_boxes = std::ranges::find(known, of_boxes) != known.end();
    const std::string nearest = has_boxes ? of_boxes : nearest_name(name, known);
    throw Error({.code = "U001",
                 .found = fmt::format("the model has no setting '{}'", printable(name)),
                 .where = {.item = std::move(origin)},
                 .hint = nearest.empty() ? "the models, and the settings of one: tv2onnx models"
                                         : fmt::format("did you mean {}?", nearest)});
  }
  if (!found->option->kind.accepts(value)) {
    throw Error({.code = "U002",
                 .found = fmt::format("{} must be {}, got {}", name, found->option->kind.values,
                                      printable(to_json(value))),
                 .where = {.item = std::move(origin)}});
  }
  found->value = std::move(value);
  found->origin = std::move(origin);
}

void Config::take_from(const Checkpoint& checkpoint) {
  for (const Entry& candidate : entries_) {
    if (candidate.option->attribute.empty()) continue;
    const Setting* stated = find_attribute(checkpoint, candidate.option->attribute);
    if (stated == nullptr) continue;
    if (!candidate.option->kind.accepts(*stated)) {
      throw Error({.code = "W005",
                   .found = fmt::format("{} of the module is {}", candidate.option->attribute,
                                        printable(to_json(*stated))),
                   .where = {.file = checkpoint.file},
                   .expected = std::string(candidate.option->kind.values),
                   .hint = "set it to plain numbers in Python, and save the module again"});
    }
    set(candidate.option->name, *stated, "checkpoint");
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

bool Config::has(std::string_view name) const {
  return std::ranges::any_of(
      entries_, [&](const Entry& candidate) { return candidate.option->name == name; });
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
