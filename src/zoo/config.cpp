#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "tv2onnx/error.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {
namespace {

/// The value as a list; a single value is a list of one.
SettingList as_list(const Setting& setting) {
  return setting.list() != nullptr ? *setting.list() : SettingList{setting};
}

bool all_numbers(const Setting& setting, bool positive) {
  if (setting.list() == nullptr || setting.list()->empty()) return false;
  return std::ranges::all_of(*setting.list(), [&](const Setting& part) {
    double value = 0;
    return part.number(value) && std::isfinite(value) && (!positive || value > 0);
  });
}

/// Lists of numbers above 0, some of which may be empty if `empty`.
bool all_lists(const Setting& setting, bool empty) {
  if (setting.list() == nullptr || setting.list()->empty()) return false;
  return std::ranges::all_of(*setting.list(), [empty](const Setting& part) {
    return all_numbers(part, true) || (empty && part.list() != nullptr && part.list()->empty());
  });
}

bool two_counts(const Setting& setting) {
  return setting.list() != nullptr && setting.list()->size() == 2 &&
         std::ranges::all_of(*setting.list(), [](const Setting& part) {
           return part.integer() != nullptr && *part.integer() >= 1;
         });
}

bool number_in(const Setting& setting, double low, double high) {
  double value = 0;
  return setting.number(value) && value >= low && value <= high;
}

bool integer_from(const Setting& setting, std::int64_t low) {
  return setting.integer() != nullptr && *setting.integer() >= low &&
         *setting.integer() <= INT32_MAX;
}

bool fits(OptionKind kind, const Setting& value) {
  switch (kind) {
    case OptionKind::kCount: return integer_from(value, 1);
    case OptionKind::kInteger: return integer_from(value, 0);
    case OptionKind::kSize: return all_numbers(Setting{as_list(value)}, true);
    case OptionKind::kProbability: return number_in(value, 0, 1);
    case OptionKind::kNonNegative: return number_in(value, 0, 1e30);
    case OptionKind::kNumbers: return all_numbers(value, false);
    case OptionKind::kPositives: return all_numbers(value, true);
    case OptionKind::kNestedNumbers: return all_lists(value, false);
    case OptionKind::kNestedOrEmpty: return all_lists(value, true);
    case OptionKind::kOptionalPositives: return value.is_none() || all_numbers(value, true);
    case OptionKind::kFlag: return value.boolean() != nullptr;
    case OptionKind::kNames:
      return value.list() != nullptr && !value.list()->empty() &&
             std::ranges::all_of(*value.list(),
                                 [](const Setting& part) { return part.string() != nullptr; });
    case OptionKind::kOptionalSize: return value.is_none() || two_counts(value);
    case OptionKind::kPoolSize: return integer_from(value, 1) || two_counts(value);
  }
  return false;
}

std::string_view kind_text(OptionKind kind) {
  switch (kind) {
    case OptionKind::kCount: return "an integer of at least 1";
    case OptionKind::kInteger: return "an integer of at least 0";
    case OptionKind::kSize: return "a number above 0";
    case OptionKind::kProbability: return "0 to 1";
    case OptionKind::kNonNegative: return "a number of at least 0";
    case OptionKind::kNumbers: return "a list of numbers, such as 0.485,0.456,0.406";
    case OptionKind::kPositives: return "a list of numbers above 0, such as 10,10,5,5";
    case OptionKind::kNestedNumbers:
      return "a list of numbers above 0 for each feature map, such as [[32,64],[128],[256]]";
    case OptionKind::kNestedOrEmpty:
      return "a list of numbers above 0 for each feature map, such as [[2],[2,3],[]]";
    case OptionKind::kOptionalPositives:
      return "None, or a list of numbers above 0, such as 8,16,32";
    case OptionKind::kFlag: return "true or false";
    case OptionKind::kNames: return "a list of names, such as 0,1";
    case OptionKind::kOptionalSize: return "None, or width and height, such as 640,480";
    case OptionKind::kPoolSize: return "an integer of at least 1, or height and width";
  }
  return "";
}

}  // namespace

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
                 .hint = nearest.empty()
                             ? "the models, and the settings of one: tv2onnx models"
                             : fmt::format("did you mean {}?", nearest)});
  }
  if (!fits(found->option->kind, value)) {
    throw Error({.code = "U002",
                 .found = fmt::format("{} must be {}, got {}", name, kind_text(found->option->kind),
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

double Config::number(std::string_view name) const {
  double value = 0;
  as_list((*this)[name]).back().number(value);
  return value;
}

std::int64_t Config::integer(std::string_view name) const {
  return *(*this)[name].integer();
}

std::vector<double> Config::numbers(std::string_view name) const {
  std::vector<double> values;
  for (const Setting& part : as_list((*this)[name])) part.number(values.emplace_back());
  return values;
}

std::vector<std::vector<double>> Config::nested_numbers(std::string_view name) const {
  std::vector<std::vector<double>> rows;
  for (const Setting& row : *(*this)[name].list()) {
    for (rows.emplace_back(); const Setting& part : *row.list()) {
      part.number(rows.back().emplace_back());
    }
  }
  return rows;
}

std::vector<std::string> Config::names(std::string_view name) const {
  std::vector<std::string> values;
  for (const Setting& part : *(*this)[name].list()) values.push_back(*part.string());
  return values;
}

SettingDict Config::all() const {
  SettingDict dict;
  for (const Entry& candidate : entries_) {
    dict.emplace_back(candidate.option->name, candidate.value);
  }
  return dict;
}

}  // namespace tv2onnx
