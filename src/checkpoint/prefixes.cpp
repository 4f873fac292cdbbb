// Finds the model among the keys of a state dict, and takes what stands before its keys away.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/text.h"
#include "checkpoint/detector_prefixes.h"
#include "checkpoint/unwrap.h"
#include "checkpoint/wrappers.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// Names of a model in a training script, of models that are no detectors.
constexpr auto kUsualPrefixes = std::to_array<std::string_view>(
    {"model.", "net.", "network.", "detector.", "ema_model.", "base_model."});

constexpr std::string_view kTopLevel = ".";  ///< as a prefix: none

std::vector<std::string> keys_of(const Checkpoint& checkpoint) {
  std::vector<std::string> keys;
  for (const NamedTensor& tensor : checkpoint.tensors) keys.push_back(tensor.name);
  return keys;
}

bool all_begin_with(const std::vector<std::string>& keys, std::string_view prefix) {
  return std::ranges::all_of(keys, [&](const std::string& key) { return key.starts_with(prefix); });
}

/// Usual names that stand before all keys: "model.net.".
std::string common_prefix(const std::vector<std::string>& keys) {
  std::string prefix;
  for (std::size_t k = 0; k < kUsualPrefixes.size();) {
    const std::string longer = prefix + std::string(kUsualPrefixes[k]);
    if (!keys.empty() && all_begin_with(keys, longer)) {
      prefix = longer;
      k = 0;
    } else {
      ++k;
    }
  }
  return prefix;
}

/// Two names of the same module: every tensor of one is that of the other.
bool same_weights(const Checkpoint& checkpoint, std::string_view one, std::string_view other) {
  std::vector<std::pair<std::string_view, const void*>> data[2];
  for (const NamedTensor& tensor : checkpoint.tensors) {
    const std::string_view name = tensor.name;
    if (name.starts_with(one)) data[0].emplace_back(name.substr(one.size()), tensor.tensor.data);
    if (name.starts_with(other)) {
      data[1].emplace_back(name.substr(other.size()), tensor.tensor.data);
    }
  }
  for (auto& list : data) std::ranges::sort(list);
  return data[0] == data[1];
}

std::string named(const std::string& prefix) {
  return prefix.empty() ? std::string(kTopLevel) : prefix;
}

/// The prefix that the caller asks for, with its dot.
std::string asked_prefix(const std::vector<std::string>& keys, std::string_view asked,
                         const std::vector<std::string>& found) {
  if (asked == kTopLevel) return "";
  std::string prefix(asked);
  if (!prefix.ends_with('.')) prefix += '.';
  const auto below = [&](const std::string& key) { return key.starts_with(prefix); };
  if (std::ranges::any_of(keys, below)) return prefix;
  std::vector<std::string> places;
  for (const std::string& place : found) places.push_back(named(place));
  throw Error({.code = "U002",
               .found = fmt::format("nothing in the file begins with '{}'", printable(asked)),
               .where = {.item = "--prefix"},
               .expected = places.empty()
                               ? ""
                               : fmt::format("where a detector is: {}", fmt::join(places, ", ")),
               .hint = "all keys: tv2onnx inspect FILE --tensors"});
}

std::string choose_prefix(Checkpoint& checkpoint, std::string_view asked) {
  const std::vector<std::string> keys = keys_of(checkpoint);
  std::vector<std::string> found = detector_prefixes(keys);
  if (!asked.empty()) return asked_prefix(keys, asked, found);
  constexpr std::size_t kMostModels = 16;  // comparing more takes long, and nobody has them
  for (std::size_t k = 1; k < found.size() && found.size() <= kMostModels;) {
    if (!same_weights(checkpoint, found[0], found[k])) {
      ++k;
      continue;
    }
    checkpoint.notes.push_back(
        fmt::format("{} and {} are the same weights", named(found[0]), named(found[k])));
    found.erase(found.begin() + static_cast<std::ptrdiff_t>(k));
  }
  if (found.empty()) return common_prefix(keys);
  if (found.size() > 1) {
    for (const std::string& place : found) checkpoint.choices.push_back(named(place));
  }
  return found.front();
}

/// "map_metric." of "map_metric.total"
std::string first_part(const std::string& key) {
  const std::size_t dot = key.find('.');
  return dot == std::string::npos ? key : key.substr(0, dot + 1);
}

/// Keeps what is below the prefix, under its name there; of what is at the top, not what is below
/// the prefix of another model.
void keep_below(Checkpoint& checkpoint, const std::string& prefix,
                const std::vector<std::string>& others) {
  std::vector<NamedTensor> kept;
  std::map<std::string, std::size_t> ignored;
  for (NamedTensor& tensor : checkpoint.tensors) {
    const bool is_other = std::ranges::any_of(
        others, [&](const std::string& other) { return tensor.name.starts_with(other); });
    if (tensor.name.starts_with(prefix) && !is_other) {
      kept.push_back({tensor.name.substr(prefix.size()), std::move(tensor.tensor)});
    } else {
      ++ignored[first_part(tensor.name)];
    }
  }
  for (const auto& [name, count] : ignored) checkpoint.ignored.push_back({name, count});
  checkpoint.tensors = std::move(kept);
  // What is not below the prefix describes what holds the model.
  const auto strip = [&](std::string& path) {
    if (path + "." == prefix) {
      path.clear();
      return true;
    }
    if (!path.starts_with(prefix)) return false;
    path.erase(0, prefix.size());
    return true;
  };
  std::erase_if(checkpoint.modules, [&](ModuleInfo& module) { return !strip(module.path); });
  std::erase_if(checkpoint.metadata, [&](auto& member) { return !strip(member.first); });
}

/// What stood before every key in the file, or before the model's where wrappers are elsewhere.
std::string stripped(const Checkpoint& checkpoint, const WrittenKeys& written,
                     const std::string& prefix) {
  std::optional<std::string_view> before;
  for (const NamedTensor& tensor : checkpoint.tensors) {
    const std::string_view key = written.at(prefix + tensor.name);
    if (!key.ends_with(tensor.name)) return prefix;
    const std::string_view part = key.substr(0, key.size() - tensor.name.size());
    if (before && *before != part) return prefix;
    before = part;
  }
  return std::string(before.value_or(prefix));
}

/// Modules without a forward of their own.
bool only_holds(std::string_view class_name) {
  return class_name == "torch.nn.modules.container.ModuleDict" ||
         class_name == "torch.nn.modules.container.ModuleList";
}

/// Where else than at the top detectors are, if the model is at the top.
std::vector<std::string> other_models(const std::vector<std::string>& keys,
                                      const std::string& prefix) {
  std::vector<std::string> others;
  if (!prefix.empty()) return others;
  others = detector_prefixes(keys);
  if (std::ranges::find(others, prefix) == others.end()) return {};
  std::erase(others, prefix);
  return others;
}

}  // namespace

void take_model(Checkpoint& checkpoint, std::string_view asked) {
  const WrittenKeys written = remove_wrappers(checkpoint);
  const std::string prefix = choose_prefix(checkpoint, asked);
  const ModuleInfo* root = prefix.empty() ? nullptr : checkpoint.module("");
  if (root != nullptr && asked.empty() && !only_holds(root->class_name)) {
    checkpoint.holder = root->class_name;
  }
  keep_below(checkpoint, prefix, other_models(keys_of(checkpoint), prefix));
  checkpoint.stripped_prefix = stripped(checkpoint, written, prefix);
}

}  // namespace tv2onnx
