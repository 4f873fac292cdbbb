#include "zoo/option_rows.h"

#include <algorithm>

namespace tv2onnx {
namespace {

template <typename List>
Setting list_setting(const List& values) {
  SettingList list;
  for (const auto& value : values) list.push_back(to_setting(value));
  return {std::move(list)};
}

}  // namespace

Setting to_setting(double value) {
  return {value};
}
Setting to_setting(std::int64_t value) {
  return {value};
}
Setting to_setting(bool value) {
  return {value};
}
Setting to_setting(const Setting& value) {
  return value;
}
Setting to_setting(const std::string& value) {
  return {value};
}
Setting to_setting(const std::vector<std::int64_t>& values) {
  if (values.empty()) return {};
  return values.size() == 1 ? Setting{values.front()} : list_setting(values);
}
Setting to_setting(const std::vector<double>& values) {
  return list_setting(values);
}
Setting to_setting(const std::array<double, 4>& values) {
  return list_setting(values);
}
Setting to_setting(const std::vector<std::vector<double>>& rows) {
  return list_setting(rows);
}
Setting to_setting(const std::vector<std::string>& names) {
  SettingList list;
  for (const std::string& name : names) list.push_back({name});
  return {std::move(list)};
}
Setting to_setting(const std::optional<std::vector<double>>& values) {
  return values ? to_setting(*values) : Setting{};
}
Setting to_setting(const std::optional<std::vector<std::string>>& names) {
  return names ? to_setting(*names) : Setting{};
}
Setting to_setting(const std::optional<std::pair<std::int64_t, std::int64_t>>& pair) {
  if (!pair) return {};
  return {SettingList{{pair->first}, {pair->second}}};
}

void read_setting(const Setting& setting, double& value) {
  (setting.list() != nullptr ? setting.list()->back() : setting).number(value);
}
void read_setting(const Setting& setting, std::int64_t& value) {
  value = *setting.integer();
}
void read_setting(const Setting& setting, bool& value) {
  value = *setting.boolean();
}
void read_setting(const Setting& setting, Setting& value) {
  value = setting;
}
void read_setting(const Setting& setting, std::string& value) {
  value = *setting.string();
}
void read_setting(const Setting& setting, std::vector<std::int64_t>& values) {
  values.clear();
  if (setting.is_none()) return;
  if (setting.list() == nullptr) return read_setting(setting, values.emplace_back());
  for (const Setting& part : *setting.list()) read_setting(part, values.emplace_back());
}
void read_setting(const Setting& setting, std::vector<double>& values) {
  values.clear();
  if (setting.list() == nullptr) return read_setting(setting, values.emplace_back());
  for (const Setting& part : *setting.list()) read_setting(part, values.emplace_back());
}
void read_setting(const Setting& setting, std::array<double, 4>& values) {
  for (std::size_t k = 0; k < values.size(); ++k) read_setting((*setting.list())[k], values[k]);
}
void read_setting(const Setting& setting, std::vector<std::vector<double>>& rows) {
  rows.clear();
  for (const Setting& row : *setting.list()) read_setting(row, rows.emplace_back());
}
void read_setting(const Setting& setting, std::vector<std::string>& names) {
  names.clear();
  for (const Setting& name : *setting.list()) names.push_back(*name.string());
}
void read_setting(const Setting& setting, std::optional<std::vector<double>>& values) {
  values.reset();
  if (!setting.is_none()) read_setting(setting, values.emplace());
}
void read_setting(const Setting& setting, std::optional<std::vector<std::string>>& names) {
  names.reset();
  if (!setting.is_none()) read_setting(setting, names.emplace());
}
void read_setting(const Setting& setting,
                  std::optional<std::pair<std::int64_t, std::int64_t>>& pair) {
  pair.reset();
  if (setting.is_none()) return;
  pair = {*setting.list()->front().integer(), *setting.list()->back().integer()};
}

}  // namespace tv2onnx
