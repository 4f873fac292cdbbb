#include "doctor/rebuild/layers.h"

#include <algorithm>
#include <cstring>

#include "doctor/rebuild/constants.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::string_view kWeightLeaf = ".weight";
constexpr double kDefaultEps = 1e-5;  // of ONNX where the attribute is missing

std::string module_of(std::string_view parameter) {
  return kept_name(parameter).module;
}

bool is_kept(std::string_view parameter) {
  const KeptName name = kept_name(parameter);
  return !name.module.empty() && !name.fused;
}

Tensor transposed(Tensor matrix) {
  matrix.strides = {1, matrix.shape[1]};
  std::swap(matrix.shape[0], matrix.shape[1]);
  return matrix;
}

bool has_weights(const OnnxNode& node) {
  return node.inputs.size() >= 2 && !node.outputs.empty() && node.domain.empty() &&
         (node.op == "Conv" || node.op == "ConvTranspose" || node.op == "Gemm" ||
          node.op == "MatMul");
}

/// The only reader, if it is of this operator.
OnnxNode* only_reader(const View& view, const std::string& value, std::string_view op) {
  const std::vector<View::Use>& uses = view.uses(value);
  return uses.size() == 1 && uses[0].node->op == op ? uses[0].node : nullptr;
}

/// A constant operand with one number per channel, and the module that its name tells.
struct ChannelOperand {
  Tensor values;
  OnnxNode* node = nullptr;
  std::string module;
};

/// Of the only reader of `value`, which is of operator `op`. `axis` of the channels, from the end.
std::optional<ChannelOperand> channel_operand(const View& view, const std::string& value,
                                              std::string_view op, std::size_t axis) {
  OnnxNode* node = only_reader(view, value, op);
  if (node == nullptr || node->inputs.size() != 2) return std::nullopt;
  const std::string& other = node->input(node->input(0) == value ? 1 : 0);
  std::optional<Tensor> values = float_constant(view, other);
  if (!values || values->shape.size() < axis ||
      values->shape[values->shape.size() - axis] != values->size()) {
    return std::nullopt;
  }
  values->shape = {values->size()};
  return ChannelOperand{*values, node, module_of(other)};
}

/// MatMul -> Add is a linear layer.
void take_bias(const View& view, Layer& layer) {
  if (layer.node->inputs.size() > 2 && !layer.node->input(2).empty()) {
    layer.bias = view.constant(layer.node->input(2));
    layer.bias_kept = is_kept(layer.node->input(2));
  } else if (layer.node->op == "MatMul") {
    const auto sum = channel_operand(view, layer.output, "Add", 1);
    if (!sum) return;
    layer.bias = sum->values;
    layer.bias_kept = !sum->module.empty();
    layer.output = sum->node->output(0);
    if (layer.module.empty()) layer.module = sum->module;
  }
}

Tensor filled(const Shape& shape, float value) {
  return make_tensor(shape,
                     std::vector<float>(static_cast<std::size_t>(element_count(shape)), value));
}

/// x * weight + bias with one number for each channel; `output` becomes the result.
std::optional<LayerNorm> affine(const View& view, std::string& output) {
  constexpr std::size_t kChannelAxis = 3;
  const auto scale = channel_operand(view, output, "Mul", kChannelAxis);
  if (!scale) return std::nullopt;
  const auto shift = channel_operand(view, scale->node->output(0), "Add", kChannelAxis);
  if (!shift || scale->values.size() != shift->values.size()) return std::nullopt;
  output = shift->node->output(0);
  return LayerNorm{"", scale->values, shift->values, 0, {}, 0};
}

/// FrozenBatchNorm2d: conv(x) * scale + shift.
void take_frozen_norm(const View& view, Layer& layer) {
  layer.norm = affine(view, layer.output);
  if (!layer.norm) return;
  const Shape& channels = layer.norm->weight.shape;
  layer.norm->statistics = {filled(channels, 0), filled(channels, 1)};
}

/// GroupNorm: Reshape to [batch, groups, -1], InstanceNormalization, Reshape, weight and bias.
bool take_group_norm(const View& view, Layer& layer) {
  for (const OnnxNode* grouping : view.readers(layer.output, "Reshape")) {
    const OnnxNode* norm = only_reader(view, grouping->output(0), "InstanceNormalization");
    const auto shape = view.integers(grouping->input(1));
    if (norm == nullptr || !shape || shape->size() < 2) continue;
    const OnnxNode* back = only_reader(view, norm->output(0), "Reshape");
    if (back == nullptr) continue;
    std::string output = back->output(0);
    std::optional<LayerNorm> found = affine(view, output);
    if (!found) continue;
    const OnnxAttribute* eps = norm->find("epsilon");
    found->eps = eps != nullptr ? shortest(eps->f) : kDefaultEps;
    found->groups = (*shape)[1];
    layer.norm = std::move(found);
    layer.output = output;
    return true;
  }
  return false;
}

bool take_batch_norm(const View& view, Layer& layer) {
  const OnnxNode* node = only_reader(view, layer.output, "BatchNormalization");
  if (node == nullptr) return false;
  layer.norm = batch_norm_of(view, *node);
  if (layer.norm) layer.output = node->output(0);
  return layer.norm.has_value();
}

std::optional<Layer> layer_of(const View& view, OnnxNode& node) {
  if (!has_weights(node)) return std::nullopt;
  const std::optional<Tensor> weight = view.constant(node.input(1));
  if (!weight || !is_floating(weight->dtype) || weight->shape.size() < 2) return std::nullopt;
  Layer layer{&node, "", *weight, {}, false, {}, node.output(0)};
  if (node.input(1).ends_with(kWeightLeaf)) layer.module = module_of(node.input(1));
  if (node.op == "MatMul" || (node.op == "Gemm" && node.integer("transB", 0) == 0)) {
    if (weight->shape.size() != 2) return std::nullopt;
    layer.weight = transposed(*weight);
  }
  take_bias(view, layer);
  if (node.op == "Conv" && !take_batch_norm(view, layer) && !take_group_norm(view, layer)) {
    take_frozen_norm(view, layer);
  }
  return layer;
}

bool same_elements(const Tensor& a, const Tensor& b) {
  return a.shape == b.shape && a.dtype == b.dtype && a.strides == b.strides &&
         (a.data == b.data || std::memcmp(a.data, b.data, a.byte_size()) == 0);
}

bool same_weights(const Layer& a, const Layer& b) {
  if (a.module != b.module || a.node->op != b.node->op) return false;
  if (a.bias.has_value() != b.bias.has_value()) return false;
  return same_elements(a.weight, b.weight) && (!a.bias || same_elements(*a.bias, *b.bias));
}

}  // namespace

KeptName kept_name(std::string_view parameter) {
  const std::size_t dot = parameter.rfind('.');
  if (dot == std::string_view::npos || parameter.find_first_of(":/") != std::string_view::npos) {
    return {};
  }
  std::size_t begin = 0;
  for (const std::string_view root : {"_backbone.", "_roi_heads.", "_rpn.", "_head."}) {
    const std::size_t at = parameter.find(root);
    if (at < parameter.find('.')) begin = at + 1;
  }
  return {std::string(parameter.substr(begin, dot - begin)), begin > 0};
}

std::optional<LayerNorm> batch_norm_of(const View& view, const OnnxNode& node) {
  constexpr std::size_t kInputs = 5;
  if (node.op != "BatchNormalization" || node.inputs.size() != kInputs) return std::nullopt;
  std::vector<Tensor> values;
  for (std::size_t k = 1; k < kInputs; ++k) {
    std::optional<Tensor> value = view.constant(node.input(k));
    if (!value) return std::nullopt;
    values.push_back(*std::move(value));
  }
  const OnnxAttribute* eps = node.find("epsilon");
  return LayerNorm{module_of(node.input(1)),
                   values[0],
                   values[1],
                   eps != nullptr ? shortest(eps->f) : kDefaultEps,
                   LayerNorm::Statistics{values[2], values[3]},
                   0};
}

bool Layer::depthwise() const {
  const std::int64_t groups = node->integer("group", 1);
  return groups > 1 && groups == weight.shape[0] && weight.shape[1] == 1;
}

std::string wrapper_prefix(const View& view) {
  for (const OnnxTensor& tensor : view.model().graph.initializers) {
    for (const std::string_view child : {"backbone.", "roi_heads.", "rpn.", "features.",
                                         "head.classification_head.", "head.regression_head."}) {
      const std::size_t at = tensor.name.find(child);
      if (at == 0) return "";
      if (at != std::string::npos && tensor.name[at - 1] == '.') return tensor.name.substr(0, at);
    }
  }
  return "";
}

void strip_prefix(std::string& module, const std::string& prefix) {
  if (module.starts_with(prefix)) module.erase(0, prefix.size());
}

void strip_prefix(Layer& layer, const std::string& prefix) {
  strip_prefix(layer.module, prefix);
  if (layer.norm) strip_prefix(layer.norm->module, prefix);
}

std::vector<Layer> find_layers(const View& view) {
  std::vector<Layer> layers;
  for (OnnxNode* node : view.nodes()) {
    if (layers.size() == kMostLayers) break;
    std::optional<Layer> layer = layer_of(view, *node);
    if (!layer) continue;
    const bool known = std::ranges::any_of(
        layers, [&](const Layer& other) { return same_weights(other, *layer); });
    if (!known) layers.push_back(*std::move(layer));
  }
  const std::string prefix = wrapper_prefix(view);
  for (Layer& layer : layers) strip_prefix(layer, prefix);
  return layers;
}

}  // namespace tv2onnx::doctor
