#include "tv2onnx/setting.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using Json = nlohmann::ordered_json;

Json as_json(const Setting& setting) {
  struct Visitor {
    Json operator()(std::monostate) const { return nullptr; }
    Json operator()(bool value) const { return value; }
    Json operator()(std::int64_t value) const { return value; }
    Json operator()(double value) const {
      if (std::isfinite(value)) return value;
      return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
    }
    Json operator()(const std::string& value) const { return value; }
    Json operator()(const SettingList& values) const {
      Json list = Json::array();
      for (const Setting& value : values) list.push_back(as_json(value));
      return list;
    }
    Json operator()(const SettingDict& members) const {
      Json dict = Json::object();
      for (const auto& [key, value] : members) dict[key] = as_json(value);
      return dict;
    }
  };
  return std::visit(Visitor{}, setting.value);
}

constexpr int kMaxDepth = 64;  // of lists and dicts; nothing here needs more than 4

Setting from_json(const Json& json) {
  switch (json.type()) {
    case Json::value_t::boolean: return {json.get<bool>()};
    case Json::value_t::number_integer: return {json.get<std::int64_t>()};
    case Json::value_t::number_unsigned: {
      const auto value = json.get<std::uint64_t>();
      if (std::in_range<std::int64_t>(value)) return {static_cast<std::int64_t>(value)};
      return {static_cast<double>(value)};
    }
    case Json::value_t::number_float: return {json.get<double>()};
    case Json::value_t::string: return {json.get<std::string>()};
    case Json::value_t::array: {
      SettingList list;
      for (const Json& item : json) list.push_back(from_json(item));
      return {std::move(list)};
    }
    case Json::value_t::object: {
      SettingDict dict;
      for (const auto& [key, value] : json.items()) dict.emplace_back(key, from_json(value));
      return {std::move(dict)};
    }
    default: return {};
  }
}

}  // namespace

bool Setting::number(double& out) const {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    out = static_cast<double>(*whole);
    return true;
  }
  if (const auto* real = std::get_if<double>(&value)) {
    out = *real;
    return true;
  }
  return false;
}

const Setting* Setting::find(std::string_view key) const {
  const SettingDict* members = dict();
  if (members == nullptr) return nullptr;
  for (const auto& [name, member] : *members) {
    if (name == key) return &member;
  }
  return nullptr;
}

bool same_meaning(const Setting& a, const Setting& b) {
  double left = 0;
  double right = 0;
  if (a.number(left) && b.number(right)) return left == right;
  if (a.list() != nullptr && b.list() != nullptr) {
    return std::ranges::equal(*a.list(), *b.list(), same_meaning);
  }
  const SettingList* list = a.list() != nullptr ? a.list() : b.list();
  const Setting& single = a.list() != nullptr ? b : a;
  if (list == nullptr || list->empty() || !single.number(left)) return a == b;
  return std::ranges::all_of(*list,
                             [&](const Setting& item) { return same_meaning(item, single); });
}

std::string to_json(const Setting& setting) {
  return as_json(setting).dump(-1, ' ', false, Json::error_handler_t::replace);
}

Setting parse_json(std::string_view text) {
  const auto refuse_depth = [](int depth, Json::parse_event_t, const Json&) {
    if (depth <= kMaxDepth) return true;
    throw Error(
        {.code = "U005", .found = fmt::format("JSON nested deeper than {} levels", kMaxDepth)});
  };
  try {
    return from_json(Json::parse(text, refuse_depth));
  } catch (const Json::parse_error& problem) {
    // The library counts characters from 1.
    const std::uint64_t offset = problem.byte > 0 ? problem.byte - 1 : 0;
    throw Error({.code = "U005",
                 .found = "invalid JSON",
                 .where = {.offset = offset},
                 .details = {json_problem(problem.what())}});
  }
}

}  // namespace tv2onnx
