#include "zoo/body.h"

namespace tv2onnx {

std::size_t numbered_layers(Scope s) {
  std::size_t count = 0;
  while ((s / count).holds_tensors()) ++count;
  return count;
}

bool has_stages(Scope features, std::string_view key, std::span<const std::int64_t> channels,
                std::span<const int> blocks) {
  const std::size_t count = numbered_layers(features);
  if (count < 2 || count > 2 * blocks.size()) return false;
  for (std::size_t stage = 0; 2 * stage + 1 < count; ++stage) {
    const Scope place = features / (2 * stage + 1);
    const std::optional<Shape> weight = (place / 0).shape(key);
    if (!weight || weight->empty() || weight->front() != channels[stage]) return false;
    if (numbered_layers(place) != static_cast<std::size_t>(blocks[stage])) return false;
  }
  return true;
}

std::vector<FeatureMap> ends_of_stages(Scope features, const std::vector<FeatureMap>& layers) {
  if (features.in_whole_module()) return layers;
  std::vector<FeatureMap> stages;
  for (std::size_t k = 1; k < layers.size(); k += 2) stages.push_back(layers[k]);
  return stages;
}

}  // namespace tv2onnx
