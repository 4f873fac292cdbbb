// The ResNet or MobileNetV3 of a segmentation model, which dilates (torchvision/models/_utils.py).

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "zoo/classification/classifier.h"
#include "zoo/mobilenetv3.h"
#include "zoo/resnet.h"
#include "zoo/segmentation/segmenter.h"

namespace tv2onnx {
namespace {

struct ResNetDilation {
  Setting dilated{SettingList{{false}, {true}, {true}}};
};
void option_rows(OptionRows& row, ResNetDilation& settings) {
  row("replace_stride_with_dilation", kinds::kThreeFlags, "",
      "whether layer2, layer3 and layer4 of the ResNet dilate instead of halving the map",
      settings.dilated);
}

struct MobileNetDilation {
  bool dilated = true;
};
void option_rows(OptionRows& row, MobileNetDilation& settings) {
  row("dilated", kinds::kFlag, "",
      "whether the last blocks of the MobileNetV3 dilate instead of halving the map",
      settings.dilated);
}

bool is_resnet_row(const SegmenterRow& row) {
  return std::string_view(row.backbone).starts_with("ResNet");
}

/// What the wrapper of the backbone gives. Of a map that nobody reads it may give more or less.
void computes_getter(Scope body, SettingDict layers) {
  const Setting* stated = body.stated("return_layers");
  const auto given = [&](const SettingMember& layer) {
    const Setting* name = stated != nullptr ? stated->find(layer.first) : nullptr;
    return name != nullptr && *name == layer.second;
  };
  if (stated != nullptr && std::ranges::all_of(layers, given)) layers = *stated->dict();
  body.computes(ModuleKind::kLayerGetter, {{"return_layers", {std::move(layers)}}});
}

std::vector<FeatureMap> maps_of(Scope body, const SegmenterRow& row, Value x,
                                const Config& config) {
  const double eps = norm_eps(config);
  if (!is_resnet_row(row)) {
    say_assumed(body, config, "dilated");
    const bool dilated = read_options<MobileNetDilation>(config).dilated;
    return dilated_mobilenet_v3_maps(body, x, eps, dilated);
  }
  say_assumed(body, config, "replace_stride_with_dilation");
  const auto settings = read_options<ResNetDilation>(config);
  std::array<bool, 3> dilated{};
  for (std::size_t k = 0; k < 3; ++k) dilated[k] = *(*settings.dilated.list())[k].boolean();
  return dilated_resnet_maps(body, x, eps, dilated);
}

std::string segmenter_backbone_name(Scope body) {
  return is_resnet(body) ? resnet_name(body) : mobilenet_v3_name(body);
}

/// \throws Error W004: the backbone ends before it.
const FeatureMap& map_called(Scope body, const SegmenterRow& row,
                             const std::vector<FeatureMap>& maps, std::string_view name) {
  const auto map = std::ranges::find(maps, name, &FeatureMap::name);
  if (map == maps.end())
    require_architecture(body, "a part of " + segmenter_backbone_name(body), row.backbone);
  return *map;
}

}  // namespace

std::vector<Option> backbone_options(const SegmenterRow& row) {
  const bool resnet = is_resnet_row(row);
  return joined(
      {declare_options(NormSettings{resnet ? 1e-5 : 1e-3}),
       resnet ? declare_options(ResNetDilation{}) : declare_options(MobileNetDilation{})});
}

SegmenterMaps segmenter_maps(Scope s, const SegmenterRow& row, const char* fine_name,
                             const char* last_name, const Config& config,
                             const BuildOptions& options) {
  const Scope body = s / "backbone";
  const bool resnet = is_resnet_row(row);
  require_architecture(s, segmenter_backbone_name(body), row.backbone);
  const char* fine = resnet ? "layer3" : "4";
  const char* last = resnet ? "layer4" : "16";
  SettingDict layers{{last, {std::string(last_name)}}};
  const bool needed = std::string_view(fine_name) != "aux" || s.has("aux_classifier.0.weight");
  if (needed) layers.insert(layers.begin(), {fine, {std::string(fine_name)}});
  computes_getter(body, std::move(layers));
  const Value x = classifier_input(resnet ? resnet_stem(body) : body / 0 / 0, config, options);
  const std::vector<FeatureMap> maps = maps_of(body, row, x, config);
  return {x, map_called(body, row, maps, fine).x, map_called(body, row, maps, last).x};
}

}  // namespace tv2onnx
