// torchvision/models/resnet.py by its residual connections: a block begins at a value that its
// first convolution reads and that is added again at its end, as it is or through a convolution.

#include <fmt/format.h>

#include <algorithm>

#include "doctor/rebuild/name_layers.h"

namespace tv2onnx::doctor {
namespace {

bool feeds(const View& view, const Layer& layer, std::string_view op) {
  return !view.readers(layer.output, op).empty();
}

/// Number of layers of the main path of the block that begins the list; 0 if none begins there.
std::size_t main_path(const View& view, std::span<Layer* const> layers) {
  for (std::size_t k = 0; k < std::min<std::size_t>(3, layers.size()); ++k) {
    if (feeds(view, *layers[k], "Add")) return k > 0 ? k + 1 : 0;
    if (!feeds(view, *layers[k], "Relu")) return 0;
  }
  return 0;
}

}  // namespace

std::size_t name_resnet(const View& view, std::span<Layer* const> layers, const std::string& body) {
  layers[0]->module = body + ".conv1";
  std::size_t next = 1;
  int stage = 1;
  for (int block = 0;; ++block) {
    const std::size_t length = main_path(view, layers.subspan(next));
    if (length == 0) return next;
    const std::size_t end = next + length;
    const bool projects = end < layers.size() && layers[end]->input() == layers[next]->input() &&
                          feeds(view, *layers[end], "Add");
    if (projects && next > 1) {
      ++stage;
      block = 0;
    }
    const std::string prefix = fmt::format("{}.layer{}.{}", body, stage, block);
    for (std::size_t k = 0; k < length; ++k) {
      layers[next + k]->module = fmt::format("{}.conv{}", prefix, k + 1);
    }
    if (projects) layers[end]->module = prefix + ".downsample.0";
    next = end + (projects ? 1 : 0);
  }
}

}  // namespace tv2onnx::doctor
