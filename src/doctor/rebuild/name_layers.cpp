#include "doctor/rebuild/name_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tv2onnx::doctor {
namespace {

constexpr std::int64_t kResNetStem = 7;  // kernel of the first convolution

bool is_head(const Layer& layer) {
  return layer.module.starts_with("rpn.") || layer.module.starts_with("roi_heads.") ||
         layer.module.starts_with("head.");
}

/// A folded convolution as one with a normalisation that does nothing but add the bias.
void unfold(Layer& layer) {
  if (layer.norm || !layer.bias) return;
  const Shape channels{layer.weight.shape[0]};
  const auto all = [&](float value) {
    return make_tensor(channels, std::vector<float>(static_cast<std::size_t>(channels[0]), value));
  };
  layer.norm = {"", all(1), *layer.bias, 0, LayerNorm::Statistics{all(0), all(1)}, 0};
  layer.bias.reset();
}

/// "a.b" of "a.b.c".
std::string parent(std::string_view module) {
  return std::string(module.substr(0, module.rfind('.')));
}

/// FeaturePyramidNetwork runs from the coarsest level down: inner block, layer block.
void name_pyramid(std::span<Layer* const> layers) {
  const std::size_t levels = layers.size() / 2;
  for (std::size_t k = 0; k < levels; ++k) {
    const std::size_t level = levels - 1 - k;
    layers[2 * k]->module = fmt::format("backbone.fpn.inner_blocks.{}.0", level);
    layers[2 * k + 1]->module = fmt::format("backbone.fpn.layer_blocks.{}.0", level);
  }
}

void name_backbone(const View& view, const std::vector<Layer*>& layers, bool one_stage) {
  const bool depthwise = layers.size() > 1 && layers[1]->depthwise();
  const bool pyramid = std::ranges::any_of(
      layers, [](const Layer* layer) { return layer->module.starts_with("backbone.fpn."); });
  std::size_t named = 0;
  if (layers[0]->kernel() == kResNetStem) {
    named = name_resnet(view, layers, "backbone.body");
  } else if (depthwise && one_stage && !pyramid) {
    named = name_ssdlite_body(layers, "backbone");
  } else if (depthwise) {
    named = name_mobilenet_v3(layers, "backbone.body");
  }
  std::vector<Layer*> rest;
  for (std::size_t k = named; k < layers.size(); ++k) {
    if (layers[k]->module.empty()) rest.push_back(layers[k]);
  }
  if (named > 0 && !one_stage) name_pyramid(rest);
}

/// Of a head, the convolutions with normalisation. What follows them has kept its name.
void name_head_layers(std::span<Layer> heads) {
  for (std::size_t k = 0; k < heads.size(); ++k) {
    if (!heads[k].module.empty()) continue;
    std::size_t end = k;
    while (end < heads.size() && heads[end].module.empty()) ++end;
    if (end == heads.size()) return;
    const std::string& next = heads[end].module;
    if (next.starts_with("head.") && next.ends_with(".1")) {  // SSDlite
      heads[k].module = parent(next) + ".0.0";
      continue;
    }
    std::string head = parent(next);
    if (head == "roi_heads.mask_predictor") head = "roi_heads.mask_head";
    for (std::size_t index = 0; k + index < end; ++index) {
      heads[k + index].module = fmt::format("{}.{}.0", head, index);
    }
    k = end;
  }
}

}  // namespace

std::string norm_module(std::string_view conv_module) {
  const std::size_t dot = conv_module.rfind('.');
  const std::string_view leaf = conv_module.substr(dot + 1);
  const std::string prefix(conv_module.substr(0, dot + 1));
  if (leaf.starts_with("conv")) return fmt::format("{}bn{}", prefix, leaf.substr(4));
  int index = 0;
  std::from_chars(leaf.data(), leaf.data() + leaf.size(), index);
  return fmt::format("{}{}", prefix, index + 1);
}

void name_layers(const View& view, std::vector<Layer>& layers) {
  for (Layer& layer : layers) {
    if (!layer.bias_kept && layer.node->op == "Conv") unfold(layer);
  }
  auto heads = std::ranges::find_if(layers, is_head);
  const bool one_stage = heads != layers.end() && heads->module.starts_with("head.");
  std::vector<Layer*> backbone;
  for (auto layer = layers.begin(); layer != heads; ++layer) backbone.push_back(&*layer);
  if (!backbone.empty() && backbone[0]->module.empty()) name_backbone(view, backbone, one_stage);
  // The first layer of SSDlite's head has lost its name.
  const bool headless = heads != layers.begin() && std::prev(heads)->module.empty();
  if (one_stage && headless && std::prev(heads)->depthwise()) --heads;
  name_head_layers({heads, layers.end()});
}

}  // namespace tv2onnx::doctor
