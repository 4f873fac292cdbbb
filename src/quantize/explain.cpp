// Both files are run on photos, and each layer's result in 8 bits is compared with two: with the
// original's, and with what the original's layer makes of the very numbers that the 8-bit one gets.
// The first says what has come together until there, the second what this layer alone adds.

#include "quantize/explain.h"

#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "rewrite/edit.h"
#include "rewrite/quantise_convs.h"

namespace tv2onnx {
namespace {

struct Layer {
  std::string name;
  std::string exact;      ///< its result in the original
  std::string quantised;  ///< in the 8-bit file
  std::string alone;      ///< of the original's layer in the 8-bit file
  double signal = 0;
  double noise = 0;      ///< against the original
  double own_noise = 0;  ///< against the layer alone
  double own_signal = 0;
};

double decibels(double signal, double noise) {
  if (!(noise > 0)) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(signal / noise);
}

/// Squares of a tensor, and of its difference from another.
void add_squares(const Tensor& exact, const Tensor& other, double& signal, double& noise) {
  const std::vector<float> a = to_float(exact);
  const std::vector<float> b = to_float(other);
  for (std::size_t k = 0; k < std::min(a.size(), b.size()); ++k) {
    signal += double{a[k]} * a[k];
    noise += (double{a[k]} - b[k]) * (double{a[k]} - b[k]);
  }
}

OnnxNode* node_named(OnnxModel& model, const std::string& name) {
  for (OnnxNode& node : model.graph.nodes) {
    if (node.name == name) return &node;
  }
  return nullptr;
}

/// Puts the original's layer beside the 8-bit one, with the same input and its own weights.
std::string add_alone(View& view, OnnxModel& original, const OnnxNode& exact,
                      const std::string& input, bool with_relu) {
  OnnxNode copy = exact;
  copy.source = {};
  copy.inputs[0] = input;
  for (std::size_t k = 1; k < copy.inputs.size(); ++k) {
    const OnnxTensor* weight = View(original).initializer(copy.inputs[k]);
    if (weight != nullptr && weight->tensor()) {
      copy.inputs[k] = view.add_constant(copy.inputs[k] + "/exact", *weight->tensor());
    }
  }
  std::string output = view.fresh_name(exact.name + "/alone");
  copy.name = output;
  copy.outputs = {output};
  std::list<OnnxNode>& nodes = view.model().graph.nodes;
  nodes.push_back(std::move(copy));
  if (!with_relu) return output;
  std::string positive = view.fresh_name(exact.name + "/alone/Relu");
  nodes.push_back(node_of("Relu", {output}, positive));
  return positive;
}

/// The value behind the pair of a quantised one.
std::string behind(const View& view, const std::string& value) {
  for (const OnnxNode* quantise : view.readers(value, "QuantizeLinear")) {
    for (const OnnxNode* back : view.readers(quantise->output(0), "DequantizeLinear")) {
      return back->output(0);
    }
  }
  return value;
}

std::vector<Layer> layers_of(OnnxModel& original, OnnxModel& quantised,
                             const ChosenLayers& chosen) {
  std::vector<Layer> layers;
  const View before(original);
  View view(quantised);
  for (const OnnxNode* node : before.nodes()) {
    if (!chosen.convolutions.contains(node->name)) continue;
    const OnnxNode* changed = node_named(quantised, node->name);
    if (changed == nullptr) continue;
    const std::string made = quantised_result(before, *node);
    const std::string input = changed->input(0);
    layers.push_back({node->name, made, behind(view, made), "", 0, 0, 0, 0});
    layers.back().alone = add_alone(view, original, *node, input, made != node->output(0));
  }
  return layers;
}

}  // namespace

std::vector<LayerCost> costs_of(const OnnxModel& original, const OnnxModel& quantised,
                                const ChosenLayers& chosen, std::size_t count, const InputOf& input,
                                const SessionOptions& options) {
  OnnxModel before = original;
  OnnxModel after = quantised;
  std::vector<Layer> layers = layers_of(before, after, chosen);
  if (layers.empty()) return {};
  std::set<std::string> exact;
  std::set<std::string> changed;
  for (const Layer& layer : layers) {
    exact.insert(layer.exact);
    changed.insert({layer.quantised, layer.alone});
  }
  const Session first = observing_session(before, exact, options);
  const Session second = observing_session(after, changed, options);
  for (std::size_t k = 0; k < count; ++k) {
    const std::vector<Tensor> wanted = first.run({input(k)});
    const std::vector<Tensor> found = second.run({input(k)});
    const auto in = [](const std::set<std::string>& names, const std::vector<Tensor>& results,
                       const std::string& name) -> const Tensor& {
      return results[static_cast<std::size_t>(std::distance(names.begin(), names.find(name)))];
    };
    for (Layer& layer : layers) {
      const Tensor& result = in(changed, found, layer.quantised);
      add_squares(in(exact, wanted, layer.exact), result, layer.signal, layer.noise);
      add_squares(in(changed, found, layer.alone), result, layer.own_signal, layer.own_noise);
    }
  }
  std::vector<LayerCost> costs;
  for (const Layer& layer : layers) {
    costs.push_back({layer.name, decibels(layer.own_signal, layer.own_noise),
                     decibels(layer.signal, layer.noise)});
  }
  return costs;
}

}  // namespace tv2onnx
