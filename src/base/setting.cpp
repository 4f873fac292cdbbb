#include "tv2onnx/setting.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/json_text.h"

namespace tv2onnx {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson as_json(const Setting& setting) {
  struct Visitor {
    OrderedJson operator()(std::monostate) const { return nullptr; }
    OrderedJson operator()(bool value) const { return value; }
    OrderedJson operator()(std::int64_t value) const { return value; }
    OrderedJson operator()(double value) const {
      if (std::isfinite(value)) return value;
      return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
    }
    OrderedJson operator()(const std::string& value) const { return value; }
    OrderedJson operator()(const SettingList& values) const {
      OrderedJson list = OrderedJson::array();
      for (const Setting& value : values) list.push_back(as_json(value));
      return list;
    }
    OrderedJson operator()(const SettingDict& members) const {
      OrderedJson dict = OrderedJson::object();
      for (const auto& [key, value] : members) dict[key] = as_json(value);
      return dict;
    }
  };
  return std::visit(Visitor{}, setting.value);
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
  return json_line(as_json(setting));
}

}  // namespace tv2onnx
