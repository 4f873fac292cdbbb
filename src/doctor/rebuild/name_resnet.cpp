// torchvision/models/resnet.py by its residual connections: a block begins at a value that its
// first convolution reads and that is added again at its end, as it is or through a convolution.
// The order of the nodes is the exporter's or a simplifier's and says nothing.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "doctor/rebuild/name_layers.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::size_t kLongestPath = 3;  // convolutions of a bottleneck

/// What the only operator `op` that reads the value makes of it, or "".
std::string behind(const View& view, const std::string& value, std::string_view op) {
  const std::vector<OnnxNode*> readers = view.readers(value, op);
  return readers.empty() ? "" : readers[0]->output(0);
}

Layer* reader_of(const LayerList& layers, const std::string& value) {
  const auto found =
      std::ranges::find_if(layers, [&](const Layer* layer) { return layer->input() == value; });
  return !value.empty() && found != layers.end() ? *found : nullptr;
}

struct ResNetBlock {
  LayerList path;               ///< conv1, conv2(, conv3); empty: there is no block
  Layer* projection = nullptr;  ///< downsample
  std::string sum;
};

/// From its first convolution to the sum.
ResNetBlock block_from(const View& view, const LayerList& layers, Layer* first) {
  ResNetBlock block;
  for (Layer* layer = first; layer != nullptr && block.path.size() < kLongestPath;
       layer = reader_of(layers, behind(view, layer->output, "Relu"))) {
    block.path.push_back(layer);
    block.sum = behind(view, layer->output, "Add");
    if (!block.sum.empty()) break;
  }
  if (block.sum.empty() || block.path.size() < 2) return {};
  for (Layer* layer : layers) {
    const bool parallel = layer != first && layer->input() == first->input();
    if (parallel && behind(view, layer->output, "Add") == block.sum) block.projection = layer;
  }
  return block;
}

/// The block that begins at a value.
ResNetBlock resnet_block_at(const View& view, const LayerList& layers, const std::string& value) {
  for (Layer* layer : layers) {
    if (layer->input() != value || behind(view, layer->output, "Relu").empty()) continue;
    ResNetBlock block = block_from(view, layers, layer);
    if (!block.path.empty()) return block;
  }
  return {};
}

void name_resnet_block(const ResNetBlock& block, const std::string& prefix) {
  for (std::size_t k = 0; k < block.path.size(); ++k) {
    block.path[k]->module = fmt::format("{}.conv{}", prefix, k + 1);
  }
  if (block.projection != nullptr) block.projection->module = prefix + ".downsample.0";
}

}  // namespace

void name_resnet(const View& view, const LayerList& layers, const std::string& body) {
  const std::string prefix = body.empty() ? "" : body + ".";
  layers[0]->module = prefix + "conv1";
  std::string value = behind(view, behind(view, layers[0]->output, "Relu"), "MaxPool");
  int stage = 1;
  int index = 0;
  // A damaged file may lead back to a block that has been named.
  std::set<std::string> seen;
  for (bool first = true; seen.insert(value).second; first = false) {
    const ResNetBlock block = resnet_block_at(view, layers, value);
    if (block.path.empty()) return;
    // Every stage but perhaps the first begins with a projection.
    if (block.projection != nullptr && !first) {
      ++stage;
      index = 0;
    }
    name_resnet_block(block, fmt::format("{}layer{}.{}", prefix, stage, index++));
    value = behind(view, block.sum, "Relu");
  }
}

}  // namespace tv2onnx::doctor
