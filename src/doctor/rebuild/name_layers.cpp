#include "doctor/rebuild/name_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "doctor/rebuild/flow.h"

namespace tv2onnx::doctor {
namespace {

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

bool is_numbered(std::string_view module) {
  const std::string_view leaf = module.substr(module.rfind('.') + 1);
  return !leaf.empty() && std::ranges::all_of(leaf, [](char c) { return c >= '0' && c <= '9'; });
}

/// The nameless convolutions that the layer works on, the first that runs first.
LayerList chain_before(const View& view, std::vector<Layer>& layers, const Layer& last) {
  constexpr auto kBetween =
      std::to_array<std::string_view>({"Relu", "Clip", "Flatten", "Reshape", "Cast", "Identity"});
  constexpr std::size_t kLongest = 64;  // heads have up to 8
  LayerList chain;
  const Layer* layer = &last;
  while (layer != nullptr && chain.size() < std::min(kLongest, layers.size())) {
    const OnnxNode* node = producer_behind(view, layer->input(), kBetween);
    const auto before = std::ranges::find_if(layers, [&](const Layer& other) {
      return node != nullptr && other.module.empty() && other.output == node->output(0);
    });
    layer = before != layers.end() ? &*before : nullptr;
    if (layer != nullptr) chain.insert(chain.begin(), &*before);
  }
  return chain;
}

/// Heads: convolutions with normalisation before a layer that has kept its name.
void name_head(const View& view, std::vector<Layer>& layers, const std::string& module) {
  const auto last = std::ranges::find(layers, module, &Layer::module);
  const LayerList chain = chain_before(view, layers, *last);
  if (chain.empty()) return;
  if (module.starts_with("head.")) {  // of SSDlite; what comes before it belongs to the backbone
    chain.back()->module = parent(module) + ".0.0";
    return;
  }
  const bool masks = module.starts_with("roi_heads.mask_predictor");
  const std::string head = masks ? "roi_heads.mask_head" : parent(module);
  for (std::size_t k = 0; k < chain.size(); ++k) {
    chain[k]->module = fmt::format("{}.{}.0", head, k);
  }
}

void name_heads(const View& view, std::vector<Layer>& layers) {
  std::vector<std::string> last;
  for (const Layer& layer : layers) {
    const std::string& module = layer.module;
    const bool box_head = module.starts_with("roi_heads.box_head.") && is_numbered(module);
    const bool predictor = module.find(".module_list.") != std::string::npos && is_numbered(module);
    if (box_head || predictor || module == "roi_heads.mask_predictor.conv5_mask") {
      last.push_back(module);
    }
  }
  for (const std::string& module : last) name_head(view, layers, module);
}

void name_backbone(const View& view, std::vector<Layer>& layers) {
  LayerList body;  // and what else has no name
  bool one_stage = false;
  bool pyramid = false;
  for (Layer& layer : layers) {
    const bool in_pyramid = layer.module.starts_with("backbone.fpn.");
    one_stage = one_stage || layer.module.starts_with("head.");
    pyramid = pyramid || in_pyramid;
    const bool in_body = layer.module.starts_with("backbone.") && !in_pyramid;
    if (layer.module.empty() || in_body) body.push_back(&layer);
  }
  if (body.empty() || !body[0]->module.empty()) return;
  const bool depthwise = body.size() > 1 && body[1]->depthwise();
  if (body[0]->kernel() == kResNetStem) {
    name_resnet(view, body, "backbone.body");
  } else if (depthwise && one_stage && !pyramid) {
    name_ssdlite_body(body, "backbone");
  } else if (depthwise) {
    name_mobilenet_v3(body, "backbone.body");
  } else {
    return;
  }
  LayerList rest;
  std::ranges::copy_if(body, std::back_inserter(rest),
                       [](const Layer* layer) { return layer->module.empty(); });
  if (!pyramid) name_pyramid(view, rest, "backbone.fpn");
}

}  // namespace

// Convolution and ReLU count as two, a pool as one: torchvision/models/vgg.py.
void name_vgg(const View& view, const LayerList& layers) {
  int index = 0;
  for (Layer* layer : layers) {
    if (view.producer(layer->input(), "MaxPool") != nullptr) ++index;
    layer->module = fmt::format("features.{}", index);
    index += 2;
  }
}

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
  name_heads(view, layers);
  name_backbone(view, layers);
}

}  // namespace tv2onnx::doctor
