#include "contract/output_names.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace tv2onnx {
namespace {

/// "boxes" of "boxes_2".
std::string_view without_number(std::string_view name) {
  const std::size_t last = name.find_last_not_of("0123456789_");
  return name.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

bool is_generated_name(std::string_view name) {
  const bool letters = std::ranges::any_of(name, [](unsigned char c) { return std::isalpha(c); });
  return !letters || name.find('/') != std::string_view::npos ||
         name.find("::") != std::string_view::npos || without_number(name) == "output";
}

bool is_own_name(std::string_view name) {
  static constexpr auto kRoles = std::to_array<std::string_view>(
      {"boxes", "labels", "scores", "masks", "keypoints", "keypoints_scores"});
  return !is_generated_name(name) &&
         std::ranges::find(kRoles, without_number(name)) == kRoles.end();
}

}  // namespace tv2onnx
