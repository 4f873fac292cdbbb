#include "zoo/official_weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr auto kWeights = std::to_array<OfficialWeights>({
    {"fasterrcnn_resnet50_fpn", "COCO_V1", "258fb6c6", 41'755'286, true},
    {"fasterrcnn_resnet50_fpn_v2", "COCO_V1", "dd69338a", 43'712'278},
    {"fasterrcnn_mobilenet_v3_large_fpn", "COCO_V1", "fb6a3cc7", 19'386'354},
    {"fasterrcnn_mobilenet_v3_large_320_fpn", "COCO_V1", "907ea3f9", 19'386'354},
    {"maskrcnn_resnet50_fpn", "COCO_V1", "bf2d0c1e", 44'401'393, true},
    {"maskrcnn_resnet50_fpn_v2", "COCO_V1", "73cbd019", 46'359'409},
    {"keypointrcnn_resnet50_fpn", "COCO_LEGACY", "9f466800", 59'137'258},
    {"keypointrcnn_resnet50_fpn", "COCO_V1", "fc266e95", 59'137'258, true},
    {"retinanet_resnet50_fpn", "COCO_V1", "eeacb38b", 34'014'999, true},
    {"retinanet_resnet50_fpn_v2", "COCO_V1", "5905b1c5", 38'198'935},
    {"fcos_resnet50_fpn", "COCO_V1", "99b0c9b7", 32'269'600},
    {"ssd300_vgg16", "COCO_V1", "b556d3b4", 35'641'826},
    {"ssdlite320_mobilenet_v3_large", "COCO_V1", "a79551df", 3'440'060},
});

/// "COCO_V1" of "FasterRCNN_ResNet50_FPN_Weights.COCO_V1"
std::string_view member_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

}  // namespace

std::span<const OfficialWeights> official_weights() {
  return kWeights;
}

const OfficialWeights& official_weights(std::string_view arch, std::string_view name) {
  const OfficialWeights* last = nullptr;
  std::vector<std::string_view> known;
  for (const OfficialWeights& row : kWeights) {
    if (row.arch != arch) continue;
    if (row.name == member_of(name)) return row;
    known.push_back(row.name);
    last = &row;
  }
  if (last != nullptr && member_of(name) == "DEFAULT") return *last;
  throw Error({.code = "U001",
               .found = fmt::format("torchvision has no weights '{}' of {}", printable(name), arch),
               .where = {.item = "--weights"},
               .expected = known.empty() ? "" : fmt::format("{}", fmt::join(known, " or "))});
}

const OfficialWeights* official_weights_in(std::string_view file) {
  const std::string_view name = file.substr(file.find_last_of("/\\") + 1);
  const auto row = std::ranges::find_if(kWeights, [&](const OfficialWeights& weights) {
    return name.starts_with(weights.arch) && name.find(weights.hash) != std::string_view::npos;
  });
  return row != kWeights.end() ? &*row : nullptr;
}

std::vector<ImpliedSetting> settings_of(const OfficialWeights& weights) {
  if (!weights.zero_eps) return {};
  return {{"norm_eps", {std::int64_t{0}}, fmt::format("official {} weights", weights.name)}};
}

}  // namespace tv2onnx
