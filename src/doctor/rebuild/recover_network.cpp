#include "doctor/rebuild/recover_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "doctor/rebuild/place_weights.h"
#include "doctor/rebuild/recover.h"
#include "tv2onnx/error.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx::doctor {
namespace {

using KeptTensor = std::map<std::string, Tensor>::value_type;

constexpr std::size_t kShownLayers = 12;
constexpr std::size_t kFewestLayers = 6;  // AlexNet with another head
/// The more names say, the less is left to order.
constexpr auto kSources =
    std::to_array({NameSource::kNodes, NameSource::kNone, NameSource::kResNet,
                   NameSource::kBackbone, NameSource::kMobileNet, NameSource::kVgg});

/// The weights of quantised rows are not floats.
bool may_be(const Model& row) {
  return row.task != Task::kDetection && !row.name.starts_with("quantized_");
}

[[noreturn]] void refuse(const Model* nearest, PlacedWeights placed, std::size_t layers) {
  if (nearest == nullptr || 2 * placed.layers < layers) {
    throw Error({.code = "D110",
                 .found = fmt::format(
                     "none of its {} layers with weights belongs to a head of torchvision's "
                     "detectors, and no other network of torchvision has such layers",
                     layers),
                 .hint = kFromCheckpoint});
  }
  std::vector<std::string>& left = placed.left;
  std::string found =
      left.empty()
          ? fmt::format("the file looks like {}, and lacks some of its weights", nearest->name)
          : fmt::format(
                "the file looks like {}, and {} of its {} layers with "
                "weights have no place there",
                nearest->name, left.size(), layers);
  if (left.size() > kShownLayers) {
    const std::size_t more = left.size() - kShownLayers;
    left.resize(kShownLayers);
    left.push_back(fmt::format("  ... and {} more", more));
  }
  throw Error({.code = "D111",
               .found = std::move(found),
               .details = std::move(left),
               .hint = kFromCheckpoint});
}

bool same_names(const NetworkParts& a, const NetworkParts& b) {
  return std::ranges::equal(a.layers, b.layers, {}, &Layer::module, &Layer::module) &&
         std::ranges::equal(a.kept, b.kept, {}, &KeptTensor::first, &KeptTensor::first);
}

/// The parts under the names that they may have, the most likely first.
std::vector<NetworkParts> namings(const View& view, const std::vector<Layer>& layers) {
  std::vector<NetworkParts> all;
  const auto add = [&](NetworkParts parts) {
    const bool known = std::ranges::any_of(
        all, [&](const NetworkParts& other) { return same_names(parts, other); });
    if (!known) all.push_back(std::move(parts));
  };
  for (const NameSource source : kSources) {
    NetworkParts parts = find_network_parts(view, layers, source);
    add(parts);
    const std::string prefix = common_prefix(parts);
    if (prefix.empty()) continue;
    strip_prefix(parts, prefix);
    add(std::move(parts));
  }
  return all;
}

}  // namespace

Checkpoint recover_network(const View& view, const std::vector<Layer>& layers) {
  const Model* nearest = nullptr;
  PlacedWeights best;
  if (layers.size() < kFewestLayers) refuse(nearest, best, layers.size());
  for (const NetworkParts& parts : namings(view, layers)) {
    for (const Model& row : models()) {
      if (!may_be(row)) continue;
      PlacedWeights placed = place_weights(row, parts);
      if (placed.complete) {
        Checkpoint checkpoint;
        checkpoint.tensors = std::move(placed.tensors);
        checkpoint.modules = std::move(placed.modules);
        return checkpoint;
      }
      if (nearest != nullptr && placed.layers <= best.layers) continue;
      nearest = &row;
      best = std::move(placed);
    }
  }
  refuse(nearest, std::move(best), layers.size());
}

}  // namespace tv2onnx::doctor
