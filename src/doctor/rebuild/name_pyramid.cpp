// torchvision/ops/feature_pyramid_network.py: inner blocks of 1 x 1, which turn the maps of the
// body into equal numbers of channels, and layer blocks of 3 x 3 behind them and the top-down sum.

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

#include "base/stable_sort.h"
#include "doctor/rebuild/name_layers.h"

namespace tv2onnx::doctor {
namespace {

/// The layer block that reads the inner block, or its sum with the level above.
Layer* layer_block(const View& view, const LayerList& layers, const Layer& inner) {
  for (Layer* layer : layers) {
    if (layer->kernel() == 1) continue;
    if (layer->input() == inner.output) return layer;
    const OnnxNode* sum = view.producer(layer->input(), "Add");
    if (sum != nullptr && std::ranges::find(sum->inputs, inner.output) != sum->inputs.end()) {
      return layer;
    }
  }
  return nullptr;
}

}  // namespace

void name_pyramid(const View& view, const LayerList& layers, const std::string& pyramid) {
  LayerList inner;
  std::ranges::copy_if(layers, std::back_inserter(inner),
                       [](const Layer* layer) { return layer->kernel() == 1; });
  // Coarser maps have more channels.
  sort_stably(inner, std::less(), [](const Layer* layer) { return layer->weight.shape[1]; });
  for (std::size_t k = 0; k < inner.size(); ++k) {
    inner[k]->module = fmt::format("{}.inner_blocks.{}.0", pyramid, k);
    Layer* layer = layer_block(view, layers, *inner[k]);
    if (layer != nullptr) layer->module = fmt::format("{}.layer_blocks.{}.0", pyramid, k);
  }
}

}  // namespace tv2onnx::doctor
