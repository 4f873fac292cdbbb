// torchvision/models/mobilenetv3.py by its depthwise convolutions: a block has one, perhaps an
// expanding convolution before it, perhaps two of squeeze and excitation behind it, and a
// projecting one at its end. Each works on what the one before it made, so they stand in order.

#include <fmt/format.h>

#include <span>
#include <string>

#include "doctor/rebuild/name_layers.h"

namespace tv2onnx::doctor {
namespace {

using Layers = std::span<Layer* const>;

// SSDlite cuts the network in the expanding convolution of this block.
constexpr std::size_t kCutBlock = 13;

struct MobileNetBlock {
  Layer* expand = nullptr;
  Layer* depthwise = nullptr;
  bool squeeze = false;  ///< has two more, which keep their names
  Layer* project = nullptr;
  std::size_t length = 0;
};

bool is_squeeze(const Layer& layer) {
  return layer.module.ends_with(".fc1") || layer.module.ends_with(".fc2");
}

/// The block at the beginning of the list; length 0 if there is none.
MobileNetBlock mobilenet_block_at(Layers layers) {
  MobileNetBlock block;
  std::size_t k = 0;
  if (layers.size() > 1 && !layers[0]->depthwise()) block.expand = layers[k++];
  if (k >= layers.size() || !layers[k]->depthwise()) return {};
  block.depthwise = layers[k++];
  for (; k < layers.size() && is_squeeze(*layers[k]); ++k) block.squeeze = true;
  if (k >= layers.size() || layers[k]->depthwise() || layers[k]->kernel() != 1) return {};
  block.project = layers[k++];
  block.length = k;
  return block;
}

/// Numbers from `first` on; squeeze and excitation count as one.
void name_mobilenet_block(const MobileNetBlock& block, const std::string& prefix, int first) {
  int index = first;
  if (block.expand != nullptr) block.expand->module = fmt::format("{}.{}.0", prefix, index++);
  block.depthwise->module = fmt::format("{}.{}.0", prefix, index++);
  if (block.squeeze) ++index;
  block.project->module = fmt::format("{}.{}.0", prefix, index);
}

/// Block number `index` of the network that SSDlite has cut up.
void name_cut_block(MobileNetBlock block, std::size_t index, const std::string& features) {
  if (index < kCutBlock) {
    name_mobilenet_block(block, fmt::format("{}.0.{}.block", features, index), 0);
  } else if (index > kCutBlock) {
    name_mobilenet_block(block, fmt::format("{}.1.{}.block", features, index - kCutBlock), 0);
  } else if (block.expand != nullptr) {
    block.expand->module = fmt::format("{}.0.{}.0", features, index);
    block.expand = nullptr;
    name_mobilenet_block(block, features + ".1.0", 1);
  }
}

}  // namespace

void name_mobilenet_v3(const LayerList& all, const std::string& body) {
  Layers layers(all);
  layers[0]->module = body + ".0.0";
  layers = layers.subspan(1);
  int index = 1;
  for (MobileNetBlock block = mobilenet_block_at(layers); block.length > 0;
       block = mobilenet_block_at(layers)) {
    name_mobilenet_block(block, fmt::format("{}.{}.block", body, index++), 0);
    layers = layers.subspan(block.length);
  }
  if (!layers.empty()) layers[0]->module = fmt::format("{}.{}.0", body, index);
}

void name_ssdlite_body(const LayerList& all, const std::string& backbone) {
  const std::string features = backbone + ".features";
  Layers layers(all);
  layers[0]->module = features + ".0.0.0";
  layers = layers.subspan(1);
  std::size_t index = 1;
  for (MobileNetBlock block = mobilenet_block_at(layers); block.length > 0;
       block = mobilenet_block_at(layers)) {
    name_cut_block(block, index++, features);
    layers = layers.subspan(block.length);
  }
  if (layers.empty()) return;
  layers[0]->module = fmt::format("{}.1.{}.0", features, index - kCutBlock);
  layers = layers.subspan(1);
  constexpr std::size_t kParts = 3;  // of an extra block
  for (int extra = 0; layers.size() >= kParts && layers[1]->depthwise(); ++extra) {
    for (std::size_t part = 0; part < kParts; ++part) {
      layers[part]->module = fmt::format("{}.extra.{}.{}.0", backbone, extra, part);
    }
    layers = layers.subspan(kParts);
  }
}

}  // namespace tv2onnx::doctor
