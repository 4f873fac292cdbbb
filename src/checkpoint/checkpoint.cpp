#include "tv2onnx/checkpoint.h"

#include <algorithm>

namespace tv2onnx {

std::string_view checkpoint_format_name(CheckpointFormat format) {
  switch (format) {
    case CheckpointFormat::kZip: return "zip";
    case CheckpointFormat::kLegacy: return "legacy";
    case CheckpointFormat::kTar: return "tar";
    case CheckpointFormat::kPickle: return "pickle";
    case CheckpointFormat::kSafetensors: return "safetensors";
  }
  return "";
}

const Setting* ModuleInfo::find(std::string_view attribute) const {
  const auto member = std::ranges::find(attributes, attribute, &SettingDict::value_type::first);
  return member != attributes.end() ? &member->second : nullptr;
}

const Tensor* Checkpoint::find(std::string_view name) const {
  const auto found = std::ranges::find(tensors, name, &NamedTensor::name);
  return found != tensors.end() ? &found->tensor : nullptr;
}

const ModuleInfo* Checkpoint::module(std::string_view path) const {
  const auto found = std::ranges::find(modules, path, &ModuleInfo::path);
  return found != modules.end() ? &*found : nullptr;
}

}  // namespace tv2onnx
