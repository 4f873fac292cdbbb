#include "checkpoint/class_names.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr auto kKeys = std::to_array<std::string_view>(
    {"class_names", "classes", "CLASSES", "names", "label_names", "labels", "categories",
     "class_to_idx", "idx_to_class", "class_map", "label_map", "label2id", "id2label"});
constexpr auto kFolders = std::to_array<std::string_view>(
    {"meta", "args", "config", "cfg", "hparams", "hyper_parameters", "opt", "dataset_meta"});
constexpr std::size_t kMostClasses = 100'000;

using Numbered = std::vector<std::pair<std::int64_t, std::string>>;

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

std::vector<std::string> from_dict(const SettingDict& dict) {
  Numbered numbered;
  for (const auto& [key, value] : dict) {
    if (!add_numbered(numbered, key, value)) return {};
  }
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
  std::vector<std::string> names;
  for (const Setting& item : *setting.list()) {
    if (item.string() == nullptr) return {};
    names.push_back(*item.string());
  }
  return names;
}

std::vector<std::string> search(const SettingDict& dict) {
  const auto find = [&](std::string_view key) {
    return std::ranges::find(dict, key, &SettingDict::value_type::first);
  };
  for (const std::string_view key : kKeys) {
    if (const auto member = find(key); member != dict.end()) {
      if (std::vector<std::string> names = names_of(member->second); !names.empty()) return names;
    }
  }
  for (const std::string_view key : kFolders) {
    const auto member = find(key);
    if (member == dict.end() || member->second.dict() == nullptr) continue;
    if (auto names = search(*member->second.dict()); !names.empty()) return names;
  }
  return {};
}

}  // namespace

std::vector<std::string> find_class_names(const Checkpoint& checkpoint) {
  if (auto names = search(checkpoint.extras); !names.empty()) return names;
  const ModuleInfo* root = checkpoint.module("");
  return root != nullptr ? search(root->attributes) : std::vector<std::string>{};
}

}  // namespace tv2onnx
