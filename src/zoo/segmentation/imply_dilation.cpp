#include "zoo/segmentation/imply_dilation.h"

#include <fmt/format.h>

#include <optional>

namespace tv2onnx {
namespace {

/// That of the convolution here, if the checkpoint is a whole module and there is one.
std::optional<std::int64_t> dilation_at(const Checkpoint& checkpoint, std::string_view conv) {
  const Setting* stated = find_attribute(checkpoint, fmt::format("{}.dilation", conv));
  if (stated != nullptr && stated->list() != nullptr && !stated->list()->empty()) {
    stated = &stated->list()->front();
  }
  if (stated == nullptr || stated->integer() == nullptr) return std::nullopt;
  return *stated->integer();
}

/// The second block has the dilation of its layer, the first one that of the layer before.
std::optional<std::int64_t> dilation_of_layer(const Checkpoint& checkpoint, int layer) {
  return dilation_at(checkpoint, fmt::format("backbone.layer{}.1.conv2", layer));
}

constexpr const char* kOrigin = "checkpoint";

void imply_of_resnet(const Checkpoint& checkpoint, FamilyMatch& match) {
  SettingList dilated;
  std::int64_t before = 1;
  for (int layer = 2; layer <= 4; ++layer) {
    const std::optional<std::int64_t> dilation = dilation_of_layer(checkpoint, layer);
    if (!dilation) return;
    dilated.push_back({*dilation > before});
    before = *dilation;
  }
  match.settings.push_back({"replace_stride_with_dilation", {std::move(dilated)}, kOrigin});
}

void imply_of_mobilenet(const Checkpoint& checkpoint, FamilyMatch& match) {
  const auto last = dilation_at(checkpoint, "backbone.15.block.1.0");
  if (last) match.settings.push_back({"dilated", {*last > 1}, kOrigin});
}

void imply_rates(const Checkpoint& checkpoint, FamilyMatch& match) {
  SettingList rates;
  while (const auto rate =
             dilation_at(checkpoint, fmt::format("classifier.0.convs.{}.0", rates.size() + 1))) {
    rates.push_back({*rate});
  }
  if (!rates.empty()) match.settings.push_back({"atrous_rates", {std::move(rates)}, kOrigin});
}

}  // namespace

void imply_dilation(const Checkpoint& checkpoint, FamilyMatch& match) {
  const bool resnet = checkpoint.find("backbone.layer1.0.conv1.weight") != nullptr;
  std::erase_if(match.rows, [&](std::string_view row) {
    return (row.find("resnet") != std::string_view::npos) != resnet;
  });
  (resnet ? imply_of_resnet : imply_of_mobilenet)(checkpoint, match);
  imply_rates(checkpoint, match);
}

}  // namespace tv2onnx
