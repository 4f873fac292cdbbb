#pragma once
/// \file
/// Plain values: what a checkpoint says beside weights, what a config file or an option sets.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tv2onnx/api.h"

namespace TV2ONNX_API tv2onnx {

struct Setting;
struct SettingMember;
using SettingList = std::vector<Setting>;        ///< list or tuple
using SettingDict = std::vector<SettingMember>;  ///< keys in file order

/// None, bool, int, float, str, list or dict, as in JSON but with int and float kept apart.
struct Setting {
  std::variant<std::monostate, bool, std::int64_t, double, std::string, SettingList, SettingDict>
      value;

  bool is_none() const { return std::holds_alternative<std::monostate>(value); }
  const bool* boolean() const { return std::get_if<bool>(&value); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value); }
  const std::string* string() const { return std::get_if<std::string>(&value); }
  const SettingList* list() const { return std::get_if<SettingList>(&value); }
  const SettingDict* dict() const { return std::get_if<SettingDict>(&value); }
  /// True if it is an int or a float; `out` gets it.
  bool number(double& out) const;
  /// Member of a dict, or null.
  const Setting* find(std::string_view key) const;

  bool operator==(const Setting&) const = default;
};

/// A member of a dict. (A std::pair of an incomplete type is more than clang with libstdc++ takes.)
struct SettingMember {
  SettingMember(std::string_view key, Setting value) : first(key), second(std::move(value)) {}
  bool operator==(const SettingMember&) const = default;

  std::string first;
  Setting second;
};

/// 7, 7.0, [7] and [7, 7] mean the same to torchvision where it takes a number or a list.
bool same_meaning(const Setting& a, const Setting& b);

/// Compact JSON text (infinities and NaN as strings), used for display and metadata.
std::string to_json(const Setting& setting);
/// Parses JSON. \throws Error U005: with the byte offset, nested too deep, a number out of range, a
/// key that comes twice.
Setting parse_json(std::string_view text);

}  // namespace TV2ONNX_API tv2onnx
