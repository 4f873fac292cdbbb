#include "doctor/rebuild/recover_weights.h"

#include <fmt/format.h>

#include <array>
#include <unordered_set>

#include "doctor/rebuild/constants.h"
#include "doctor/rebuild/flow.h"
#include "doctor/rebuild/name_layers.h"
#include "tv2onnx/error.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::size_t kShownWeights = 12;

void require_names(const std::vector<Layer>& layers) {
  std::vector<std::string> details;
  for (const Layer& layer : layers) {
    if (!layer.module.empty()) continue;
    details.push_back(fmt::format("  {} {}", layer.node->label(), shape_text(layer.weight.shape)));
  }
  if (details.empty()) return;
  std::string found = fmt::format(
      "{} of {} layers with weights have a place in no torchvision "
      "detector",
      details.size(), layers.size());
  if (details.size() > kShownWeights) {
    const std::size_t more = details.size() - kShownWeights;
    details.resize(kShownWeights);
    details.push_back(fmt::format("  ... and {} more", more));
  }
  throw Error({.code = "D111",
               .found = std::move(found),
               .details = std::move(details),
               .hint = "export from the checkpoint with tv2onnx export"});
}

class Collector {
 public:
  void add(const std::string& module, std::string_view leaf, const Tensor& tensor) {
    std::string key = fmt::format("{}.{}", module, leaf);
    if (!known_.insert(key).second) {
      throw Error({.code = "D111",
                   .found = "two layers with different weights have one name",
                   .where = {.item = key},
                   .hint = "export from the checkpoint with tv2onnx export"});
    }
    checkpoint.tensors.push_back({std::move(key), tensor});
  }

  void add(const Layer& layer) {
    add(layer.module, "weight", layer.weight);
    if (layer.bias) add(layer.module, "bias", *layer.bias);
    if (!layer.norm) return;
    const LayerNorm& norm = *layer.norm;
    const std::string module = norm.module.empty() ? norm_module(layer.module) : norm.module;
    add(module, "weight", norm.weight);
    add(module, "bias", norm.bias);
    ModuleInfo info{module, "torch.nn.modules.normalization.GroupNorm", {}};
    info.attributes.emplace_back("eps", Setting{norm.eps});
    if (norm.statistics) {
      info.class_name = "torch.nn.modules.batchnorm.BatchNorm2d";
      add(module, "running_mean", norm.statistics->mean);
      add(module, "running_var", norm.statistics->variance);
    } else {
      info.attributes.emplace_back("num_groups", Setting{norm.groups});
    }
    checkpoint.modules.push_back(std::move(info));
  }

  bool knows(const std::string& key) const { return known_.contains(key); }

  Checkpoint checkpoint;

 private:
  std::unordered_set<std::string> known_;
};

/// Keys of parameters that belong to no layer. An Identity stands for one that equals another.
bool is_weight_or_bias(std::string_view name) {
  const KeptName kept = kept_name(name);
  return !kept.module.empty() && !kept.fused &&
         (name.ends_with(".weight") || name.ends_with(".bias"));
}

std::vector<std::string> kept_names(const View& view) {
  std::vector<std::string> names;
  for (const OnnxTensor& tensor : view.model().graph.initializers) {
    if (is_weight_or_bias(tensor.name)) names.push_back(tensor.name);
  }
  for (const OnnxNode* node : view.nodes()) {
    if (node->op == "Identity" && is_weight_or_bias(node->output(0)))
      names.push_back(node->output(0));
  }
  return names;
}

/// SSD divides features by their length and multiplies them by `backbone.scale_weight`:
/// ReduceL2 -> Clip -> Expand -> Div -> Mul. Its name is lost when it is brought into shape.
std::optional<Tensor> scale_weight(const View& view) {
  constexpr auto kOfLength =
      std::to_array<std::string_view>({"Identity", "Cast", "Clip", "Max", "Expand"});
  for (const OnnxNode* length : view.nodes()) {
    if (length->op != "ReduceL2") continue;
    for (const OnnxNode* div : readers_behind(view, length->output(0), kOfLength)) {
      for (const OnnxNode* mul : view.readers(div->output(0), "Mul")) {
        const std::string& other = mul->input(mul->input(0) == div->output(0) ? 1 : 0);
        std::optional<Tensor> weight = float_constant(view, other);
        if (!weight) continue;
        weight->shape = {weight->size()};
        return weight;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

Checkpoint recover_weights(const View& view, const std::vector<Layer>& layers) {
  require_names(layers);
  Collector collector;
  for (const Layer& layer : layers) collector.add(layer);
  if (const auto scale = scale_weight(view)) collector.add("backbone", "scale_weight", *scale);
  const std::string prefix = wrapper_prefix(view);
  for (const std::string& name : kept_names(view)) {
    const std::optional<Tensor> tensor = view.constant(name);
    const std::string key = name.starts_with(prefix) ? name.substr(prefix.size()) : name;
    const std::size_t dot = key.rfind('.');
    if (!tensor || collector.knows(key)) continue;
    collector.add(key.substr(0, dot), key.substr(dot + 1), *tensor);
  }
  return std::move(collector.checkpoint);
}

}  // namespace tv2onnx::doctor
