#include "nn/computed_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "nn/roi_pooler.h"

namespace tv2onnx {
namespace {

constexpr const char* kBoxCoder = "torchvision.models.detection._utils.BoxCoder";
constexpr const char* kLevelMapper = "torchvision.ops.poolers.LevelMapper";

Setting integer(std::int64_t value) {
  return {value};
}

ModuleKind kind_of(Activation activation) {
  switch (activation) {
    case Activation::kNone: return ModuleKind::kNothing;
    case Activation::kRelu: return ModuleKind::kReLU;
    case Activation::kRelu6: return ModuleKind::kReLU6;
    case Activation::kHardSwish: return ModuleKind::kHardswish;
    case Activation::kSilu: return ModuleKind::kSiLU;
    case Activation::kSigmoid: return ModuleKind::kSigmoid;
    case Activation::kHardSigmoid: return ModuleKind::kHardsigmoid;
    case Activation::kGelu: return ModuleKind::kGELU;
    case Activation::kTanh: return ModuleKind::kTanh;
  }
  return ModuleKind::kNothing;
}

SettingMember coder_class() {
  return {"box_coder.__class__", {std::string(kBoxCoder)}};
}

SettingMember coder_clip() {
  return {"box_coder.bbox_xform_clip", {kMaxLogScale}};
}

}  // namespace

void computes_conv2d(Scope s, const Conv2d& options) {
  const auto [height, width] = padding_of(options);
  const Setting padding =
      height == width ? integer(height) : Setting{SettingList{integer(height), integer(width)}};
  s.computes(ModuleKind::kConv2d, {{"stride", integer(options.stride)},
                                   {"padding", padding},
                                   {"dilation", integer(options.dilation)},
                                   {"groups", integer(options.groups)},
                                   {"padding_mode", {std::string("zeros")}}});
}

void computes_max_pool(Scope s, const PoolAttributes& options) {
  s.computes(ModuleKind::kMaxPool, {{"kernel_size", integer(options.kernel)},
                                    {"stride", integer(options.stride)},
                                    {"padding", integer(options.padding)},
                                    {"dilation", integer(1)},
                                    {"ceil_mode", {options.ceil}},
                                    {"return_indices", {false}}});
}

void computes_relu6(Scope s) {
  s.computes(ModuleKind::kReLU6, {{"min_val", {0.0}}, {"max_val", {6.0}}});
}

void computes_activation(Scope s, Activation activation) {
  if (activation == Activation::kRelu6) return computes_relu6(s);
  if (activation == Activation::kNone && s.module() == nullptr) return;
  if (activation == Activation::kGelu) {
    return s.computes(ModuleKind::kGELU, {{"approximate", {std::string("none")}}});
  }
  s.computes(kind_of(activation));
}

Activation stated_activation(Scope s) {
  constexpr auto kAll = std::to_array<Activation>(
      {Activation::kRelu, Activation::kRelu6, Activation::kHardSwish, Activation::kSilu,
       Activation::kSigmoid, Activation::kHardSigmoid, Activation::kGelu, Activation::kTanh});
  const auto stated = std::ranges::find_if(kAll, [&](Activation each) {
    return s.module() != nullptr && is_of_kind(s.module()->class_name, kind_of(each));
  });
  return stated != kAll.end() ? *stated : Activation::kNone;
}

void computes_average_pool(Scope s, const PoolAttributes& options) {
  s.computes(ModuleKind::kAveragePool, {{"kernel_size", integer(options.kernel)},
                                        {"stride", integer(options.stride)},
                                        {"padding", integer(options.padding)},
                                        {"ceil_mode", {options.ceil}},
                                        {"count_include_pad", {true}},
                                        {"divisor_override", {}}});
}

void computes_adaptive_pool(Scope s, std::int64_t size) {
  if (s.module() == nullptr) return;
  s.computes(ModuleKind::kGlobalAveragePool, {{"output_size", integer(size)}});
}

void computes_permute(Scope s, const std::vector<std::int64_t>& dims) {
  SettingList order;
  for (const std::int64_t axis : dims) order.push_back({axis});
  s.computes(ModuleKind::kPermute, {{"dims", {std::move(order)}}});
}

void computes_flatten(Scope s) {
  if (s.module() == nullptr) return;
  s.computes(ModuleKind::kFlatten, {{"start_dim", integer(1)}, {"end_dim", integer(-1)}});
}

void computes_with_box_coder(Scope s, ModuleKind kind) {
  s.computes(kind, {coder_class(), coder_clip()});
}

void computes_with_box_coder(Scope s, ModuleKind kind, const BoxWeights& weights) {
  SettingList list;
  for (const double weight : weights) list.push_back({weight});
  s.computes(kind, {coder_class(), coder_clip(), {"box_coder.weights", {std::move(list)}}});
}

void computes_anchors(Scope s, const AnchorSpec& anchors) {
  std::vector<NamedTensor> tensors;
  for (std::size_t k = 0; k < anchors.sizes.size(); ++k) {
    tensors.push_back({fmt::format("cell_anchors.{}", k),
                       cell_anchors(anchors.sizes[k], anchors.aspect_ratios[k])});
  }
  s.computes(ModuleKind::kAnchorGenerator, {}, std::move(tensors));
}

void computes_default_boxes(Scope s, const DefaultBoxSpec& boxes) {
  std::vector<NamedTensor> tensors;
  for (std::size_t k = 0; k < boxes.aspect_ratios.size(); ++k) {
    tensors.push_back({fmt::format("_wh_pairs.{}", k), default_box_sides(boxes, k)});
  }
  s.computes(ModuleKind::kDefaultBoxGenerator, {}, std::move(tensors));
}

void computes_roi_align(Scope s, const std::vector<FeatureMap>& maps) {
  SettingList scales;
  for (const FeatureMap& map : maps) scales.push_back({1.0 / static_cast<double>(map.stride)});
  if (maps.size() == 1) {
    // Nothing maps levels then, and of scales that are left of more maps only the first counts.
    const Setting* stated = s.stated("scales");
    if (stated != nullptr && stated->list() != nullptr && !stated->list()->empty()) {
      scales.insert(scales.end(), stated->list()->begin() + 1, stated->list()->end());
    }
    return s.computes(ModuleKind::kRoiAlign, {{"scales", {std::move(scales)}}});
  }
  const auto level = [](const FeatureMap& map) {
    return integer(std::lround(std::log2(map.stride)));
  };
  s.computes(ModuleKind::kRoiAlign, {{"canonical_scale", integer(kCanonicalScale)},
                                     {"canonical_level", integer(kCanonicalLevel)},
                                     {"scales", {std::move(scales)}},
                                     {"map_levels.__class__", {std::string(kLevelMapper)}},
                                     {"map_levels.k_min", level(maps.front())},
                                     {"map_levels.k_max", level(maps.back())},
                                     {"map_levels.s0", integer(kCanonicalScale)},
                                     {"map_levels.lvl0", integer(kCanonicalLevel)},
                                     {"map_levels.eps", {kLevelEpsilon}}});
}

}  // namespace tv2onnx
