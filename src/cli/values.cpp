#include "cli/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <type_traits>

#include "cli/usage_error.h"

namespace tv2onnx::cli {
namespace {

using Kind = UsageProblem::Kind;

bool truth_of(const Argument& row, const std::string& text) {
  for (const std::string_view yes : {"true", "yes", "on", "1"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"false", "no", "off", "0"}) {
    if (text == no) return false;
  }
  throw UsageFault(Kind::kBadValue,
                   fmt::format("{} = {}: a flag is true or false", row.name(), text));
}

template <typename Number>
Number number_of(const Argument& row, const std::string& text) {
  Number number{};
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(begin, end, number);
  if (read.ec != std::errc() || read.ptr != end) {
    double real = 0;
    const bool other = std::from_chars(begin, end, real).ptr == end && begin != end;
    throw UsageFault(
        Kind::kBadValue,
        fmt::format("not a {}number{}: {} = {}", other ? "whole " : "",
                    other && std::is_unsigned_v<Number> ? " of 0 or more" : "", row.name(), text));
  }
  const auto require = [&](auto least, auto most) {
    const auto value = static_cast<double>(number);
    if (value >= static_cast<double>(least) && value <= static_cast<double>(most)) return;
    throw UsageFault(Kind::kBadValue, fmt::format("{} {} is not in the range {} to {}", row.name(),
                                                  text, least, most));
  };
  if (const auto* whole = std::get_if<std::array<int, 2>>(&row.limits)) {
    require((*whole)[0], (*whole)[1]);
  } else if (const auto* real = std::get_if<std::array<double, 2>>(&row.limits)) {
    require((*real)[0], (*real)[1]);
  }
  return number;
}

std::vector<std::string> separated(const Argument& row, const std::vector<std::string>& values) {
  if (row.separator == 0) return values;
  std::vector<std::string> parts;
  for (std::string_view value : values) {
    while (!value.empty()) {
      const std::string_view part = value.substr(0, value.find(row.separator));
      if (!part.empty()) parts.emplace_back(part);
      value.remove_prefix(std::min(value.size(), part.size() + 1));
    }
  }
  return parts;
}

/// Puts the values of an argument where they go.
struct Apply {
  const Argument& row;
  const std::vector<std::string>& values;

  const std::string& only() const {
    if (values.size() == 1) return values.front();
    throw UsageFault(Kind::kOther, fmt::format("{} is given {} times: it takes one value",
                                               row.name(), values.size()));
  }
  void operator()(bool* flag) const { *flag = truth_of(row, values.back()); }
  void operator()(const Switch& take) const { take(truth_of(row, values.back())); }
  void operator()(Page /*page*/) const {}
  void operator()(std::string* text) const { *text = only(); }
  void operator()(std::vector<std::string>* list) const { *list = separated(row, values); }
  void operator()(std::vector<int>* list) const {
    list->clear();
    for (const std::string& one : separated(row, values)) {
      list->push_back(number_of<int>(row, one));
    }
  }
  void operator()(const Take& take) const {
    if (!row.one_by_one) return take(only());
    for (const std::string& one : separated(row, values)) take(one);
  }
  template <typename Number>
  void operator()(Number* number) const {
    *number = number_of<Number>(row, only());
  }
  template <typename Number>
  void operator()(std::optional<Number>* number) const {
    *number = number_of<Number>(row, only());
  }
};

}  // namespace

void set_values(const Argument& row, const std::vector<std::string>& values) {
  std::visit(Apply{row, values}, row.target);
}

}  // namespace tv2onnx::cli
