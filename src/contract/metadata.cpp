// The metadata of files of tv2onnx. Each key is written and read here; "tv2onnx.raw" and
// "tv2onnx.smallest_size" are written where the outputs and inputs are built.

#include <fmt/format.h>

#include <algorithm>

#include "tv2onnx/contract.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr const char* kVersion = "tv2onnx.version";
constexpr const char* kArchitecture = "tv2onnx.architecture";
constexpr const char* kTask = "tv2onnx.task";
constexpr const char* kWeights = "tv2onnx.weights";
constexpr const char* kConfig = "tv2onnx.config";
constexpr const char* kClassNames = "tv2onnx.class_names";
constexpr const char* kInput = "tv2onnx.input";
constexpr const char* kOrder = "tv2onnx.channel_order";
constexpr const char* kOutputs = "tv2onnx.outputs";
constexpr const char* kMasks = "tv2onnx.masks";
constexpr const char* kTorchvision = "tv2onnx.torchvision";
constexpr const char* kCheckpoint = "tv2onnx.checkpoint_xxh3";
constexpr const char* kAssumed = "tv2onnx.assumed_torchvision";
constexpr const char* kMean = "tv2onnx.image_mean";
constexpr const char* kDeviation = "tv2onnx.image_std";
constexpr const char* kRaw = "tv2onnx.raw";
constexpr const char* kSmallest = "tv2onnx.smallest_size";
constexpr const char* kPreprocess = "tv2onnx.preprocess";
constexpr const char* kPhoto = "tv2onnx.preparation";
constexpr const char* kFeatures = "tv2onnx.features";
constexpr const char* kOnnxRuntime = "tv2onnx.onnx_runtime";

constexpr std::int64_t kLongestSide = 1 << 16;  // of a photo that a file asks for

template <typename Mode, std::size_t kCount>
std::optional<Mode> mode_of(const ModeNames<Mode, kCount>& names, std::string_view text) {
  for (const auto& [name, mode] : names) {
    if (name == text) return mode;
  }
  return std::nullopt;
}

std::vector<std::string> names_in(const Setting& list) {
  std::vector<std::string> names;
  if (list.list() == nullptr) return names;
  for (const Setting& name : *list.list()) {
    names.push_back(name.string() != nullptr ? *name.string() : to_json(name));
  }
  return names;
}

std::string list_text(const std::vector<std::string>& texts) {
  SettingList list;
  for (const std::string& text : texts) list.push_back({text});
  return to_json({std::move(list)});
}

Setting list_of(const std::vector<double>& numbers) {
  SettingList list;
  for (const double number : numbers) list.push_back({number});
  return {list};
}

/// Empty where one is no number.
std::vector<double> numbers_in(const Setting& list) {
  std::vector<double> numbers;
  if (list.list() == nullptr) return numbers;
  for (const Setting& number : *list.list()) {
    if (!number.number(numbers.emplace_back())) return {};
  }
  return numbers;
}

Setting list_of(const std::vector<std::int64_t>& numbers) {
  SettingList list;
  for (const std::int64_t number : numbers) list.push_back({number});
  return {list};
}

Setting setting_of(const PhotoSpec& photo) {
  return {SettingDict{{"resize_size", list_of(photo.resize)},
                      {"crop_size", list_of(photo.crop)},
                      {"interpolation", {std::string(photo.bicubic ? "bicubic" : "bilinear")}},
                      {"antialias", {photo.antialias}},
                      {"mean", list_of(photo.mean)},
                      {"std", list_of(photo.std)}}};
}

/// Numbers above 0, at most so many. False: something else.
bool read_sides(const Setting* list, std::size_t most, std::vector<std::int64_t>& sides) {
  sides.clear();
  if (list == nullptr || list->list() == nullptr || list->list()->size() > most) return false;
  for (const Setting& side : *list->list()) {
    if (side.integer() == nullptr || *side.integer() < 1 || *side.integer() > kLongestSide) {
      return false;
    }
    sides.push_back(*side.integer());
  }
  return true;
}

/// Nothing where a part is missing or is not what it must be.
std::optional<PhotoSpec> photo_in(const Setting& setting) {
  PhotoSpec photo;
  const auto part = [&](std::string_view key) {
    const Setting* value = setting.find(key);
    return value != nullptr ? *value : Setting{};
  };
  const Setting interpolation = part("interpolation");
  const Setting antialias = part("antialias");
  photo.mean = numbers_in(part("mean"));
  photo.std = numbers_in(part("std"));
  const bool fits = read_sides(setting.find("resize_size"), 2, photo.resize) &&
                    read_sides(setting.find("crop_size"), 2, photo.crop) &&
                    interpolation.string() != nullptr && antialias.boolean() != nullptr &&
                    !photo.mean.empty() && !photo.std.empty() &&
                    std::ranges::none_of(photo.std, [](double value) { return value == 0; });
  if (!fits) return std::nullopt;
  photo.bicubic = *interpolation.string() == "bicubic";
  photo.antialias = *antialias.boolean();
  return photo;
}

std::string entry_of(const std::map<std::string, std::string>& metadata, const char* key) {
  const auto entry = metadata.find(key);
  return entry == metadata.end() ? std::string() : entry->second;
}

/// None if there is no text or it is damaged; the first damage is kept.
Setting json_of(const std::string& text, const char* key, std::string& damage) {
  try {
    return text.empty() ? Setting{} : parse_json(text);
  } catch (const Error& error) {
    if (damage.empty()) damage = fmt::format("{}: {}", key, error.parts().found);
    return {};
  }
}

}  // namespace

void write_metadata(const FileMetadata& file, std::map<std::string, std::string>& metadata) {
  metadata[kVersion] = file.version;
  metadata[kArchitecture] = file.architecture;
  if (file.task) metadata[kTask] = task_name(*file.task);
  metadata[kConfig] = to_json(file.config);
  if (file.input) metadata[kInput] = mode_name(kInputModes, *file.input);
  metadata[kOrder] = mode_name(kChannelOrders, file.order);
  if (file.outputs) metadata[kOutputs] = mode_name(kOutputModes, *file.outputs);
  if (file.preprocess) metadata[kPreprocess] = mode_name(kPreprocesses, *file.preprocess);
  if (file.photo) metadata[kPhoto] = to_json(setting_of(*file.photo));
  if (!file.features.empty()) metadata[kFeatures] = list_text(file.features);
  if (!file.onnx_runtime.empty()) metadata[kOnnxRuntime] = file.onnx_runtime;
  if (!file.weights.empty()) metadata[kWeights] = file.weights;
  if (file.masks) metadata[kMasks] = mode_name(kMaskOutputs, *file.masks);
  metadata[kTorchvision] = file.torchvision;
  metadata[kCheckpoint] = file.checkpoint;
  if (!file.class_names.empty()) metadata[kClassNames] = list_text(file.class_names);
  if (!file.assumed.empty()) metadata[kAssumed] = list_text(file.assumed);
  if (!file.mean.empty()) {
    metadata[kMean] = to_json(list_of(file.mean));
    metadata[kDeviation] = to_json(list_of(file.deviation));
  }
}

FileMetadata read_metadata(const std::map<std::string, std::string>& metadata) {
  FileMetadata file;
  const auto value = [&](const char* key) { return entry_of(metadata, key); };
  const auto json_in = [&](const char* key) { return json_of(value(key), key, file.damage); };
  file.version = value(kVersion);
  file.architecture = value(kArchitecture);
  file.task = find_task(value(kTask));
  file.config = json_in(kConfig);
  if (file.config.dict() == nullptr) {
    if (!file.config.is_none()) file.damage = fmt::format("{}: not a JSON object", kConfig);
    file.config = {};
  }
  file.input = mode_of(kInputModes, value(kInput));
  file.order = mode_of(kChannelOrders, value(kOrder)).value_or(ChannelOrder::kUnknown);
  file.outputs = mode_of(kOutputModes, value(kOutputs));
  file.preprocess = mode_of(kPreprocesses, value(kPreprocess));
  file.photo = photo_in(json_in(kPhoto));
  file.features = names_in(json_in(kFeatures));
  file.onnx_runtime = value(kOnnxRuntime);
  file.weights = value(kWeights);
  file.masks = mode_of(kMaskOutputs, value(kMasks));
  file.torchvision = value(kTorchvision);
  file.checkpoint = value(kCheckpoint);
  file.class_names = names_in(json_in(kClassNames));
  file.assumed = names_in(json_in(kAssumed));
  file.mean = numbers_in(json_in(kMean));
  file.deviation = numbers_in(json_in(kDeviation));
  if (file.mean.empty() || file.deviation.empty()) file.mean = file.deviation = {};
  const Setting smallest = json_in(kSmallest);
  if (!read_sides(&smallest, 3, file.smallest)) file.smallest.clear();
  file.raw = json_in(kRaw);
  return file;
}

}  // namespace tv2onnx
