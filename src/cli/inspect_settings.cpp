#include "cli/inspect_settings.h"

#include <algorithm>

namespace tv2onnx::cli {
namespace {

/// 7, 7.0, [7] and [7, 7] mean the same to torchvision where it takes a number or a list.
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

}  // namespace

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
