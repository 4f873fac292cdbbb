// Mul by a constant per channel -> Conv becomes Conv.
//
//   conv(x * c, w) = conv(x, w * c)    w[o, i, :, :] * c[i]
//
// Exact up to rounding also at the borders: zero padding stays zero under a factor. This moves the
// division by image_std of the detectors' transform into the first convolution.

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "rewrite/fold.h"
#include "rewrite/uses.h"

namespace tv2onnx {
namespace {

/// True for [1, channels, 1, 1].
bool is_channel_factor(const Tensor* tensor) {
  if (tensor == nullptr || tensor->dtype != DType::kFloat32 || tensor->shape.size() != 4) {
    return false;
  }
  return tensor->shape[0] == 1 && tensor->shape[2] == 1 && tensor->shape[3] == 1;
}

std::string refusal(const Graph& graph, const Uses& uses, const Node& mul, const Node& conv) {
  const Tensor* weight = graph.initializer(conv.inputs[1]);
  if (weight == nullptr) return "the weights of the convolution are computed";
  if (uses.count(conv.inputs[1]) != 1) return "the weights of the convolution are shared";
  if (uses.count(mul.outputs[0]) != 1) return "the scaled value has other readers";
  if (std::get<std::int64_t>(conv.find("group")->value) != 1) return "the convolution has groups";
  return "";
}

void rewrite(Graph& graph, const Node& mul, Node& conv) {
  const std::vector<float> factor = to_float(*graph.initializer(mul.inputs[1]));
  const Tensor& old = *graph.initializer(conv.inputs[1]);
  std::vector<float> weight = to_float(old);
  const auto area = static_cast<std::size_t>(old.shape[2] * old.shape[3]);
  for (std::size_t k = 0; k < weight.size(); ++k) {
    weight[k] = static_cast<float>(double{weight[k]} * factor[k / area % factor.size()]);
  }
  graph.replace_initializer(conv.inputs[1], make_tensor(old.shape, std::move(weight)));
  conv.inputs[0] = mul.inputs[0];
}

}  // namespace

PassReport fold_channel_scale(Graph& graph) {
  PassReport report;
  const Uses uses(graph);
  std::vector<Node>& nodes = graph.mutable_nodes();
  for (Node& conv : nodes) {
    if (conv.op != "Conv" || uses.producer(conv.inputs[0]) < 0) continue;
    const Node& mul = nodes[static_cast<std::size_t>(uses.producer(conv.inputs[0]))];
    if (mul.op != "Mul" || !is_channel_factor(graph.initializer(mul.inputs[1]))) continue;
    const std::string reason = refusal(graph, uses, mul, conv);
    if (!reason.empty()) {
      report.refused.push_back(fmt::format("{}: {}", mul.name, reason));
      continue;
    }
    rewrite(graph, mul, conv);
    ++report.rewrites;
  }
  graph.remove_dead();
  return report;
}

}  // namespace tv2onnx
