#include "checkpoint/class_names.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "checkpoint/module_path.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr auto kKeys = std::to_array<std::string_view>(
    {"class_names", "classes", "CLASSES", "names", "label_names", "labels", "categories",
     "thing_classes", "class_to_idx", "idx_to_class", "class2idx", "idx2class", "class_map",
     "label_map", "label_dict", "numeric_to_label_dict", "label2id", "id2label"});
constexpr std::size_t kMostClasses = 100'000;
constexpr std::size_t kMostLists = 8;
constexpr int kClassNamesDepth = 4;

using Numbered = std::vector<std::pair<std::int64_t, std::string>>;

/// {"id": 1, "name": "cat"}: an entry of a COCO file's categories.
bool add_category(Numbered& names, const Setting& category) {
  const Setting* id = category.find("id");
  const Setting* name = category.find("name");
  if (id == nullptr || name == nullptr) return false;
  if (id->integer() == nullptr || name->string() == nullptr) return false;
  names.emplace_back(*id->integer(), *name->string());
  return true;
}

/// {"cat": 1} or {1: "cat"}; labels may leave gaps, as those of COCO do.
bool add_numbered(Numbered& names, const std::string& key, const Setting& value) {
  if (const std::int64_t* label = value.integer()) {
    names.emplace_back(*label, key);
    return true;
  }
  std::int64_t label = 0;
  const char* end = key.data() + key.size();
  if (value.string() == nullptr || key.empty()) return false;
  if (std::from_chars(key.data(), end, label).ptr != end) return false;
  names.emplace_back(label, *value.string());
  return true;
}

std::vector<std::string> in_order(Numbered numbered) {
  std::ranges::sort(numbered);
  std::vector<std::string> names;
  for (const auto& [label, name] : numbered) {
    if (label < 0 || label > static_cast<std::int64_t>(kMostClasses)) return {};
    if (label == 1 && names.empty()) names.emplace_back("__background__");
    if (label < static_cast<std::int64_t>(names.size())) return {};  // two of the same label
    names.resize(static_cast<std::size_t>(label), "N/A");
    names.push_back(name);
  }
  return names;
}

std::vector<std::string> from_dict(const SettingDict& dict) {
  Numbered numbered;
  for (const auto& [key, value] : dict) {
    if (!add_numbered(numbered, key, value)) return {};
  }
  return in_order(std::move(numbered));
}

std::vector<std::string> from_list(const SettingList& list) {
  std::vector<std::string> names;
  Numbered categories;
  for (const Setting& item : list) {
    if (item.string() != nullptr) {
      names.push_back(*item.string());
    } else if (!add_category(categories, item)) {
      return {};
    }
  }
  if (categories.empty()) return names;
  return names.empty() ? in_order(std::move(categories)) : std::vector<std::string>{};
}

/// safetensors keeps text only: a JSON list of names. Other JSON is none of it.
bool is_json_list(std::string_view text) {
  constexpr std::size_t kMostBytes = 1 << 20;
  return text.size() < kMostBytes && text.starts_with('[') && text.rfind('[') == 0 &&
         text.find('{') == std::string_view::npos;
}

std::vector<std::string> names_of(const Setting& setting) {
  if (const std::string* text = setting.string(); text != nullptr && is_json_list(*text)) {
    try {
      return names_of(parse_json(*text));
    } catch (const Error&) {
      return {};  // looked like JSON and is not
    }
  }
  if (setting.dict() != nullptr) return from_dict(*setting.dict());
  if (setting.list() == nullptr || setting.list()->size() > kMostClasses) return {};
  return from_list(*setting.list());
}

/// Lists under the usual keys, then those of the members that are dicts.
void search(const SettingDict& dict, const std::string& place, int depth,
            std::vector<ClassList>& lists) {
  for (const std::string_view key : kKeys) {
    const auto member = std::ranges::find(dict, key, &SettingMember::first);
    if (member == dict.end() || lists.size() >= kMostLists) continue;
    std::vector<std::string> names = names_of(member->second);
    if (!names.empty()) lists.push_back({joined(place, key), std::move(names)});
  }
  if (depth == kClassNamesDepth) return;
  for (const auto& [key, value] : dict) {
    if (value.dict() == nullptr || std::ranges::find(kKeys, key) != kKeys.end()) continue;
    search(*value.dict(), joined(place, key), depth + 1, lists);
  }
}

}  // namespace

std::vector<ClassList> find_class_names(const Checkpoint& checkpoint) {
  std::vector<ClassList> lists;
  search(checkpoint.extras, "", 0, lists);
  const ModuleInfo* root = checkpoint.module("");
  if (root != nullptr) search(root->attributes, "", 0, lists);
  return lists;
}

}  // namespace tv2onnx
