#include "zoo/official_weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "tv2onnx/error.h"
#include "zoo/photo_input.h"

namespace tv2onnx {
namespace {

/// Options that are torchvision's own for its weights, although no state dict stores them.
constexpr auto kAsBuilt =
    std::to_array<std::string_view>({"replace_stride_with_dilation", "dilated", "atrous_rates"});

/// "COCO_V1" of "FasterRCNN_ResNet50_FPN_Weights.COCO_V1"
std::string_view member_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

}  // namespace

const OfficialWeights& official_weights(std::string_view arch, std::string_view name) {
  const OfficialWeights* last = nullptr;
  std::vector<std::string_view> known;
  for (const OfficialWeights& row : official_weights()) {
    if (row.arch != arch) continue;
    if (row.name == member_of(name)) return row;
    if (last == nullptr || last->name != row.name) known.push_back(row.name);
    last = &row;
  }
  if (last != nullptr && member_of(name) == "DEFAULT") return *last;
  throw Error({.code = "U001",
               .found = fmt::format("torchvision has no weights '{}' of {}", printable(name), arch),
               .where = {.item = "--weights"},
               .expected = known.empty() ? "" : fmt::format("{}", fmt::join(known, " or ")),
               .hint = member_of(name) == "IMAGENET1K_FEATURES"
                           ? "these are features for SSD; their classifier is not usable"
                           : ""});
}

const OfficialWeights* official_weights_in(std::string_view file) {
  const std::string_view name = file.substr(file.find_last_of("/\\") + 1);
  const auto row = std::ranges::find_if(official_weights(), [&](const OfficialWeights& weights) {
    return name.starts_with(weights.stem.empty() ? weights.arch : weights.stem) &&
           name.find(weights.hash) != std::string_view::npos;
  });
  return row != official_weights().end() ? &*row : nullptr;
}

PhotoSpec photo_of(const OfficialWeights& weights) {
  return {.resize = {weights.photo.shorter_side},
          .crop = {weights.photo.crop},
          .bicubic = weights.photo.bicubic};
}

std::vector<ImpliedSetting> settings_of(const OfficialWeights& weights) {
  const std::string origin = fmt::format("official {} weights", weights.name);
  std::vector<ImpliedSetting> settings;
  if (weights.zero_eps) settings.push_back({"norm_eps", {std::int64_t{0}}, origin});
  if (!weights.flag.empty()) {
    settings.push_back({std::string(weights.flag), {weights.flag_value}, origin});
  }
  for (const Option& option : find_model(weights.arch).options) {
    if (std::ranges::find(kAsBuilt, option.name) == kAsBuilt.end()) continue;
    settings.push_back({option.name, option.standard, origin});
  }
  if (weights.photo.shorter_side == 0) return settings;
  for (const Option& option : declare_options(photo_of(weights))) {
    const bool normalises = option.name == "mean" || option.name == "std";
    if (!normalises) settings.push_back({option.name, option.standard, origin});
  }
  return settings;
}

}  // namespace tv2onnx
