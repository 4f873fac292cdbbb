#include "cli/inspect_settings.h"

namespace tv2onnx::cli {

std::vector<FoundSetting> found_settings(const Model& model, const Checkpoint& checkpoint) {
  std::vector<FoundSetting> found;
  for (const Option& option : model.options) {
    if (option.attribute.empty()) continue;
    const Setting* value = find_attribute(checkpoint, option.attribute);
    if (value == nullptr) continue;
    found.push_back({&option, value, same_meaning(*value, option.standard)});
  }
  return found;
}

}  // namespace tv2onnx::cli
