#include "zoo/stated_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "zoo/official_weights.h"

namespace tv2onnx {
namespace {

constexpr int kSearchDepth = 4;
constexpr std::size_t kMost = 20'000;  // values looked at

constexpr auto kBuilderKeys = std::to_array<std::string_view>(
    {"model", "model_name", "arch", "architecture", "model_arch", "model_type", "net", "name"});

/// Calls visit(place, key, value) for all members of a dict and of the dicts inside.
template <typename Visit>
void each_value(const SettingDict& dict, const std::string& place, int depth, std::size_t& left,
                const Visit& visit) {
  for (const auto& [key, value] : dict) {
    if (left == 0) return;
    --left;
    const std::string at = place.empty() ? key : place + "." + key;
    visit(at, std::string_view(key), value);
    if (value.dict() != nullptr && depth < kSearchDepth) {
      each_value(*value.dict(), at, depth + 1, left, visit);
    }
  }
}

template <typename Visit>
void each_extra(const Checkpoint& checkpoint, const Visit& visit) {
  std::size_t left = kMost;
  each_value(checkpoint.extras, "", 0, left, visit);
}

/// Without what people write differently: "FasterRCNN-MobileNetV3_large_FPN".
std::string normalised(std::string_view name) {
  std::string plain;
  for (const char letter : name) {
    if (std::isalnum(static_cast<unsigned char>(letter)) != 0) {
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    }
  }
  return plain;
}

const Model* builder_named(std::string_view name) {
  constexpr std::size_t kLongest = 100;
  if (name.size() > kLongest) return nullptr;
  const std::string wanted = normalised(name);
  const auto model = std::ranges::find_if(
      models(), [&](const Model& row) { return normalised(row.name) == wanted; });
  return model != models().end() ? &*model : nullptr;
}

/// The options of this model that a value of that name may be meant for.
const Option* option_named(const Model& model, std::string_view key) {
  const std::string of_boxes = fmt::format("box_{}", key);
  for (const std::string_view name : {key, std::string_view(of_boxes)}) {
    const auto option = std::ranges::find(model.options, name, &Option::name);
    if (option != model.options.end()) return &*option;
  }
  return nullptr;
}

}  // namespace

StatedBuilder stated_builder(const Checkpoint& checkpoint) {
  StatedBuilder found;
  each_extra(checkpoint, [&](const std::string& place, std::string_view key, const Setting& value) {
    if (found.model != nullptr || value.string() == nullptr) return;
    if (std::ranges::find(kBuilderKeys, key) == kBuilderKeys.end()) return;
    const Model* model = builder_named(*value.string());
    if (model != nullptr) found = {model, place};
  });
  return found;
}

std::vector<ImpliedSetting> reference_script_settings(const Checkpoint& checkpoint,
                                                      const Model& model) {
  std::vector<ImpliedSetting> settings;
  const auto args = std::ranges::find(checkpoint.extras, "args", &SettingMember::first);
  if (args == checkpoint.extras.end()) return settings;
  const Setting* builder = args->second.find("model");
  const Setting* data = args->second.find("data_path");
  if (builder == nullptr || data == nullptr || *builder != Setting{model.name}) return settings;
  const Setting* threshold = args->second.find("rpn_score_thresh");
  const Option* option = option_named(model, "rpn_score_thresh");
  if (threshold != nullptr && !threshold->is_none() && option != nullptr &&
      option->kind.accepts(*threshold)) {
    settings.push_back({"rpn_score_thresh", *threshold, "args.rpn_score_thresh"});
  }
  const Setting* weights = args->second.find("weights");
  const std::string* name = weights != nullptr ? weights->string() : nullptr;
  for (const OfficialWeights& row : official_weights()) {
    if (name == nullptr || row.arch != model.name || !name->ends_with(row.name)) continue;
    for (ImpliedSetting& setting : settings_of(row)) {
      setting.origin = "args.weights";
      settings.push_back(std::move(setting));
    }
  }
  // How the script of classification prepares the photos that it validates with.
  for (const auto& [key, setting] : {std::pair{"val_resize_size", "resize_size"},
                                     {"val_crop_size", "crop_size"},
                                     {"interpolation", "interpolation"}}) {
    const Setting* value = args->second.find(key);
    const auto known = std::ranges::find(model.options, std::string_view(setting), &Option::name);
    if (value == nullptr || known == model.options.end() || !known->kind.accepts(*value)) continue;
    settings.push_back({setting, *value, fmt::format("args.{}", key)});
  }
  return settings;
}

std::vector<ImpliedSetting> settings_beside(const Checkpoint& checkpoint, const Model& model) {
  std::vector<ImpliedSetting> found;
  if (!checkpoint.modules.empty()) return found;
  each_extra(checkpoint, [&](const std::string& place, std::string_view key, const Setting& value) {
    constexpr std::size_t kMostShown = 20;
    const Option* option = option_named(model, key);
    if (option == nullptr || value.is_none() || found.size() == kMostShown) return;
    if (!option->kind.accepts(value)) return;
    const bool known = std::ranges::any_of(found, [&](const ImpliedSetting& other) {
      return other.name == option->name && same_meaning(other.value, value);
    });
    if (!known) found.push_back({option->name, value, place});
  });
  return found;
}

}  // namespace tv2onnx
