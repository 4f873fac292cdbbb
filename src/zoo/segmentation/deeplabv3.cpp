#include "zoo/segmentation/deeplabv3.h"

#include <fmt/format.h>

#include "nn/computed_parts.h"
#include "nn/pooling.h"
#include "tv2onnx/error.h"
#include "zoo/segmentation/segmenter.h"

namespace tv2onnx {
namespace {

/// Not in a state dict; a whole module has them at its convolutions.
struct AsppSettings {
  Setting rates{SettingList{{std::int64_t{12}}, {std::int64_t{24}}, {std::int64_t{36}}}};
};
void option_rows(OptionRows& row, AsppSettings& settings) {
  row("atrous_rates", kinds::kCounts, "", "dilation of each of the branches of ASPP",
      settings.rates);
}

Value branch(Scope s, Value x, const Conv2d& options) {
  return conv_norm_activation(s, x, options, Activation::kRelu, kHeadNormEps);
}

/// ASPPPooling: one cell is the same at every position.
Value pooled(Scope s, Value x, Value like) {
  s.computes(ModuleKind::kAsppPooling);
  const Value y = conv_norm(s / 1, s / 2, average_of_maps(s / 0, x), {}, kHeadNormEps);
  computes_activation(s / 3, Activation::kRelu);
  const NameScope names(s.graph(), s.prefix());
  return expand(relu(y), shape_of(like), Dims{y.dim(0), y.dim(1), {}, {}});
}

/// As many dilated branches as the file has.
void require_rates(Scope convs, const SettingList& rates) {
  std::size_t branches = 0;
  while ((convs / (branches + 1)).has("0.weight")) ++branches;
  if (branches == rates.size()) return;
  throw Error({.code = "W002",
               .found = fmt::format("{} rates for {} dilated branches", rates.size(), branches),
               .where = {.item = convs.prefix()},
               .expected = "one rate for each",
               .hint = "--atrous-rates RATE,RATE,..."});
}

Value aspp(Scope s, Value x, const SettingList& rates) {
  s.computes(ModuleKind::kAspp);
  const Scope convs = s / "convs";
  require_rates(convs, rates);
  std::vector<Value> branches{branch(convs / 0, x, {})};
  for (const Setting& rate : rates) {
    branches.push_back(branch(convs / branches.size(), x,
                              {.kernel = 3, .dilation = *rate.integer(), .bias = false}));
  }
  branches.push_back(pooled(convs / branches.size(), x, branches.front()));
  const Value projected = branch(s / "project", concat(branches, 1), {});
  computes_activation(s / "project" / 3, Activation::kNone);
  return projected;
}

void build_deeplabv3(Scope s, const SegmenterRow& row, const Config& config,
                     const BuildOptions& options) {
  s.computes(ModuleKind::kSegmenter);
  const SegmenterMaps maps = segmenter_maps(s, row, "aux", "out", config, options);
  const Scope head = s / "classifier";
  say_assumed(s, config, "atrous_rates");
  Value y = aspp(head / 0, maps.last, *read_options<AsppSettings>(config).rates.list());
  y = conv_norm(head / 1, head / 2, y, {.kernel = 3}, kHeadNormEps);
  (head / 3).computes(ModuleKind::kReLU);
  segmenter_outputs(s, maps, conv2d(head / 4, relu(head, y), {}), config, options);
}

Model deeplab_v3(const SegmenterRow& row) {
  return segmenter(row, joined({declare_options(AsppSettings{}), auxiliary_options()}),
                   build_deeplabv3);
}

}  // namespace

std::vector<Model> deeplabs_v3() {
  return {deeplab_v3({"deeplabv3_resnet50", "DeepLabV3, ResNet-50", "ResNet-50"}),
          deeplab_v3({"deeplabv3_resnet101", "DeepLabV3, ResNet-101", "ResNet-101"}),
          deeplab_v3({"deeplabv3_mobilenet_v3_large", "DeepLabV3, MobileNetV3-Large",
                      "MobileNetV3-Large"})};
}

}  // namespace tv2onnx
