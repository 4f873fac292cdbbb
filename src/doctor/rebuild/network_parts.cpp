#include "doctor/rebuild/network_parts.h"

#include <algorithm>
#include <set>

#include "doctor/rebuild/name_layers.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::size_t kMostKept = 4'000;  // the deepest networks have some 1,500

/// Torch's own name of a parameter or buffer.
bool is_key(std::string_view name) {
  constexpr std::string_view kAtTop = "class_token";  // the only one without a dot
  return name == kAtTop || (name.find_first_of(":/") == std::string_view::npos &&
                            name.find('.') != std::string_view::npos);
}

/// Those of initialisers, and of an Identity that stands for one that equals another.
std::map<std::string, Tensor> kept_tensors(const View& view) {
  std::map<std::string, Tensor> kept;
  const auto keep = [&](const std::string& name) {
    if (!is_key(name) || kept.size() == kMostKept) return;
    if (std::optional<Tensor> tensor = view.constant(name)) kept.emplace(name, *std::move(tensor));
  };
  for (const OnnxTensor& tensor : view.model().graph.initializers) keep(tensor.name);
  for (const OnnxNode* node : view.nodes()) {
    if (node->op == "Identity" && !node->outputs.empty()) keep(node->output(0));
  }
  return kept;
}

/// One name for two layers is none.
void forget_shared_names(std::vector<Layer>& layers) {
  std::map<std::string, int> counts;
  for (const Layer& layer : layers) ++counts[layer.module];
  for (Layer& layer : layers) {
    if (counts[layer.module] > 1) layer.module.clear();
  }
}

void name_layers_of(const View& view, std::vector<Layer>& layers, NameSource source) {
  LayerList nameless;
  LayerList with_squeezes;
  for (Layer& layer : layers) {
    const bool squeezes = layer.module.ends_with(".fc1") || layer.module.ends_with(".fc2");
    if (layer.module.empty() || squeezes) with_squeezes.push_back(&layer);
    if (!layer.module.empty()) continue;
    if (source == NameSource::kNodes) layer.module = module_of_node(layer.node->name);
    nameless.push_back(&layer);
  }
  const bool stem = !nameless.empty() && nameless.front()->kernel() == kResNetStem;
  if (source == NameSource::kResNet && stem) name_resnet(view, nameless, "");
  if (source == NameSource::kBackbone && stem) name_resnet(view, nameless, "backbone");
  if (source == NameSource::kMobileNet && !nameless.empty()) {
    name_mobilenet_v3(with_squeezes, "features");
  }
  if (source == NameSource::kVgg) name_vgg(view, nameless);
  forget_shared_names(layers);
}

/// What the layers have read, with their biases and normalisations.
std::set<const OnnxNode*> nodes_of(const View& view, const std::vector<Layer>& layers) {
  std::set<const OnnxNode*> nodes;
  for (const Layer& layer : layers) {
    nodes.insert(layer.node);
    nodes.insert(view.producer(layer.output));
  }
  return nodes;
}

void find_others(const View& view, NetworkParts& parts) {
  const std::set<const OnnxNode*> taken = nodes_of(view, parts.layers);
  std::set<std::string_view> seen;
  for (const OnnxNode* node : view.nodes()) {
    if (taken.contains(node)) continue;
    if (std::optional<LayerNorm> norm = batch_norm_of(view, *node)) {
      parts.norms.push_back(*std::move(norm));
      continue;
    }
    if (node->op == "Identity") continue;
    for (const std::string& input : node->inputs) {
      if (is_key(input) || !seen.insert(input).second) continue;
      const std::optional<Tensor> tensor = view.constant(input);
      if (!tensor || !is_floating(tensor->dtype) || tensor->size() < 2) continue;
      parts.loose.push_back({node->op, *tensor});
    }
  }
}

}  // namespace

std::string module_of_node(std::string_view name) {
  std::string module;
  std::string_view last;
  if (!name.starts_with('/')) return "";
  name.remove_prefix(1);
  // The last part is the operator's.
  for (std::size_t slash = name.find('/'); slash != std::string_view::npos;
       slash = name.find('/')) {
    const std::string_view part = name.substr(0, slash);
    name.remove_prefix(slash + 1);
    // A child of an nn.Sequential is written with the name of its parent: /features/features.0
    const bool continues = !last.empty() && part.size() > last.size() + 1 &&
                           part.starts_with(last) && part[last.size()] == '.';
    if (continues) module.erase(module.size() - last.size());
    if (!continues && !module.empty()) module += '.';
    module += part;
    last = part;
  }
  return module;
}

NetworkParts find_network_parts(const View& view, const std::vector<Layer>& layers,
                                NameSource source) {
  NetworkParts parts{layers, {}, {}, kept_tensors(view)};
  name_layers_of(view, parts.layers, source);
  find_others(view, parts);
  strip_prefix(parts, wrapper_prefix(view));  // which `layers` have lost already
  return parts;
}

bool is_of_layer(std::string_view key) {
  return key.ends_with(".weight") || key.ends_with(".bias") || key.ends_with(".running_mean");
}

std::string common_prefix(const NetworkParts& parts) {
  std::vector<std::string> modules;
  // Buffers may be those of a module beside the network, such as mean and deviation.
  for (const auto& [key, tensor] : parts.kept) {
    if (is_of_layer(key)) modules.push_back(key.substr(0, key.rfind('.')));
  }
  for (const Layer& layer : parts.layers) {
    if (!layer.module.empty()) modules.push_back(layer.module);
  }
  if (modules.empty()) return "";
  std::string prefix = modules.front();
  for (const std::string& name : modules) {
    prefix.erase(std::ranges::mismatch(prefix, name).in1, prefix.end());
  }
  return prefix.substr(0, prefix.rfind('.') + 1);
}

void strip_prefix(NetworkParts& parts, const std::string& prefix) {
  std::map<std::string, Tensor> kept;
  for (const auto& [key, tensor] : parts.kept) {
    kept.emplace(key.starts_with(prefix) ? key.substr(prefix.size()) : key, tensor);
  }
  parts.kept = std::move(kept);
  for (Layer& layer : parts.layers) strip_prefix(layer, prefix);
  for (LayerNorm& norm : parts.norms) strip_prefix(norm.module, prefix);
}

}  // namespace tv2onnx::doctor
