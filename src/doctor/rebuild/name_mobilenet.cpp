// torchvision/models/mobilenetv3.py by its depthwise convolutions: a block has one, perhaps an
// expanding convolution before it, perhaps two of squeeze and excitation behind it, and a
// projecting one at its end.

#include <fmt/format.h>

#include <string>

#include "doctor/rebuild/name_layers.h"

namespace tv2onnx::doctor {
namespace {

// SSDlite cuts the network in the expanding convolution of this block.
constexpr std::size_t kCutBlock = 13;

struct Block {
  Layer* expand = nullptr;
  Layer* depthwise = nullptr;
  std::vector<Layer*> squeeze;  ///< fc1 and fc2, or nothing
  Layer* project = nullptr;
  std::size_t length = 0;
};

/// Squeeze and excitation works on one pixel.
bool is_squeeze(const Layer& layer) {
  return layer.module.ends_with(".fc1") || layer.module.ends_with(".fc2");
}

/// The block at the beginning of the list; length 0 if there is none.
Block block_at(std::span<Layer* const> layers) {
  Block block;
  std::size_t k = 0;
  if (layers.size() > 1 && !layers[0]->depthwise()) block.expand = layers[k++];
  if (k >= layers.size() || !layers[k]->depthwise()) return {};
  block.depthwise = layers[k++];
  while (k < layers.size() && is_squeeze(*layers[k])) block.squeeze.push_back(layers[k++]);
  if (k >= layers.size() || layers[k]->depthwise() || layers[k]->kernel() != 1) return {};
  block.project = layers[k++];
  block.length = k;
  return block;
}

/// Modules in front of the projecting one count even if they have no normalisation.
void name_block(const Block& block, const std::string& prefix, int first) {
  int index = first;
  if (block.expand != nullptr) block.expand->module = fmt::format("{}.{}.0", prefix, index++);
  block.depthwise->module = fmt::format("{}.{}.0", prefix, index++);
  if (!block.squeeze.empty()) ++index;
  block.project->module = fmt::format("{}.{}.0", prefix, index);
}

}  // namespace

std::size_t name_mobilenet_v3(std::span<Layer* const> layers, const std::string& body) {
  layers[0]->module = body + ".0.0";
  std::size_t next = 1;
  int index = 1;
  for (Block block = block_at(layers.subspan(next)); block.length > 0;
       block = block_at(layers.subspan(next))) {
    name_block(block, fmt::format("{}.{}.block", body, index++), 0);
    next += block.length;
  }
  if (next == layers.size()) return next;
  layers[next]->module = fmt::format("{}.{}.0", body, index);
  return next + 1;
}

std::size_t name_ssdlite_body(std::span<Layer* const> layers, const std::string& backbone) {
  layers[0]->module = backbone + ".features.0.0.0";
  std::size_t next = 1;
  std::size_t index = 1;
  for (Block block = block_at(layers.subspan(next)); block.length > 0;
       block = block_at(layers.subspan(next))) {
    if (index < kCutBlock) {
      name_block(block, fmt::format("{}.features.0.{}.block", backbone, index), 0);
    } else if (index == kCutBlock) {
      block.expand->module = fmt::format("{}.features.0.{}.0", backbone, index);
      block.expand = nullptr;
      name_block(block, backbone + ".features.1.0", 1);
    } else {
      name_block(block, fmt::format("{}.features.1.{}.block", backbone, index - kCutBlock), 0);
    }
    ++index;
    next += block.length;
  }
  if (next == layers.size()) return next;
  layers[next++]->module = fmt::format("{}.features.1.{}.0", backbone, index - kCutBlock);
  for (int extra = 0; next + 3 <= layers.size() && layers[next + 1]->depthwise(); ++extra) {
    for (int part = 0; part < 3; ++part) {
      layers[next++]->module = fmt::format("{}.extra.{}.{}.0", backbone, extra, part);
    }
  }
  return next;
}

}  // namespace tv2onnx::doctor
