#include "tv2onnx/task.h"

#include <algorithm>
#include <array>

namespace tv2onnx {
namespace {

/// In the order of the enum.
constexpr std::array<std::string_view, 5> kNames{"detection", "classification", "segmentation",
                                                 "video", "flow"};

}  // namespace

std::string_view task_name(Task task) {
  return kNames[static_cast<std::size_t>(task)];
}

std::string_view model_noun(Task task) {
  constexpr std::array<std::string_view, 5> kNouns{"detector", "classifier", "segmentation model",
                                                   "classifier of clips", "flow model"};
  return kNouns[static_cast<std::size_t>(task)];
}

std::optional<Task> find_task(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Task>(found - kNames.begin());
}

}  // namespace tv2onnx
