// Conv -> BatchNormalization becomes Conv.
//
//   y = (conv(x, w) + b - mean) * s + shift    with s = scale / sqrt(variance + epsilon)
//     = conv(x, w * s) + (b - mean) * s + shift
//
// The products are computed in double and rounded once. The weight keeps its name; a convolution
// without bias gets one named beside its weight.

#include <fmt/format.h>

#include <cmath>
#include <string>

#include "rewrite/fold.h"
#include "rewrite/uses.h"

namespace tv2onnx {
namespace {

struct Match {
  Node* conv;
  Node* norm;
};

/// Why the match must be left alone, or "".
std::string refusal(const Graph& graph, const Uses& uses, const Match& match) {
  if (uses.count(match.conv->outputs[0]) != 1) return "the convolution has other readers";
  for (std::size_t k = 1; k < match.conv->inputs.size(); ++k) {
    if (graph.initializer(match.conv->inputs[k]) == nullptr) return "its weights are computed";
    if (uses.count(match.conv->inputs[k]) != 1) return "its weights are shared";
  }
  for (std::size_t k = 1; k < 5; ++k) {
    if (graph.initializer(match.norm->inputs[k]) == nullptr) return "its statistics are computed";
  }
  return "";
}

std::string bias_name(const std::string& weight_name) {
  constexpr std::string_view kLeaf = ".weight";
  return weight_name.ends_with(kLeaf)
             ? weight_name.substr(0, weight_name.size() - kLeaf.size()) + ".bias"
             : weight_name + ".bias";
}

void rewrite(Graph& graph, const Match& match) {
  const auto values = [&](const Node& node, std::size_t input) {
    return to_float(*graph.initializer(node.inputs[input]));
  };
  const std::vector<float> scale = values(*match.norm, 1);
  const std::vector<float> shift = values(*match.norm, 2);
  const std::vector<float> mean = values(*match.norm, 3);
  const std::vector<float> variance = values(*match.norm, 4);
  const double epsilon = std::get<float>(match.norm->find("epsilon")->value);

  const std::uint32_t weight_id = match.conv->inputs[1];
  std::vector<float> weight = values(*match.conv, 1);
  std::vector<float> bias = match.conv->inputs.size() > 2 ? values(*match.conv, 2)
                                                          : std::vector<float>(scale.size(), 0.0F);
  const std::size_t per_channel = weight.size() / scale.size();
  for (std::size_t channel = 0; channel < scale.size(); ++channel) {
    const double factor = scale[channel] / std::sqrt(variance[channel] + epsilon);
    for (std::size_t k = channel * per_channel; k < (channel + 1) * per_channel; ++k) {
      weight[k] = static_cast<float>(weight[k] * factor);
    }
    bias[channel] =
        static_cast<float>((double{bias[channel]} - mean[channel]) * factor + shift[channel]);
  }

  Shape shape = graph.initializer(weight_id)->shape;
  Tensor bias_tensor = make_tensor({shape[0]}, std::move(bias));
  graph.replace_initializer(weight_id, make_tensor(std::move(shape), std::move(weight)));
  if (match.conv->inputs.size() > 2) {
    graph.replace_initializer(match.conv->inputs[2], std::move(bias_tensor));
  } else {
    match.conv->inputs.push_back(graph.new_initializer(bias_name(graph.info(weight_id).name),
                                                       std::move(bias_tensor), DType::kFloat32));
  }
  graph.replace_uses(match.norm->outputs[0], match.conv->outputs[0]);
}

}  // namespace

PassReport fold_batch_norm(Graph& graph) {
  PassReport report;
  const Uses uses(graph);
  std::vector<Node>& nodes = graph.mutable_nodes();
  for (Node& norm : nodes) {
    if (norm.op != "BatchNormalization") continue;
    const std::ptrdiff_t producer = uses.producer(norm.inputs[0]);
    if (producer < 0 || nodes[static_cast<std::size_t>(producer)].op != "Conv") continue;
    const Match match{&nodes[static_cast<std::size_t>(producer)], &norm};
    const std::string reason = refusal(graph, uses, match);
    if (!reason.empty()) {
      report.refused.push_back(fmt::format("{}: {}", norm.name, reason));
      continue;
    }
    rewrite(graph, match);
    ++report.rewrites;
  }
  graph.remove_dead();
  return report;
}

}  // namespace tv2onnx
