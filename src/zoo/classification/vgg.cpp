#include "zoo/classification/vgg.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "nn/pooling.h"
#include "zoo/classification/classifier.h"
#include "zoo/vgg.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kSmallestVgg = 32;  // of smaller images nothing is left to be pooled

constexpr std::int64_t kVggGrid = 7;  // of the pooled maps, whatever the size of the image

struct VggDepth {
  int layers;
  std::vector<int> convolutions;  ///< before each pool
};
const auto kVggDepths = std::to_array<VggDepth>(
    {{11, {1, 1, 2, 2, 2}}, {13, {2, 2, 2, 2, 2}}, {16, {2, 2, 3, 3, 3}}, {19, {2, 2, 4, 4, 4}}});

std::string name_of(const std::vector<int>& convolutions, bool normalised) {
  for (const VggDepth& depth : kVggDepths) {
    if (depth.convolutions == convolutions) {
      return fmt::format("vgg{}{}", depth.layers, normalised ? "_bn" : "");
    }
  }
  return fmt::format("a VGG of {} convolutions", fmt::join(convolutions, ", "));
}

void build_vgg(Scope s, const std::string& name, const Config& config,
               const BuildOptions& options) {
  s.computes(ModuleKind::kVgg);
  const Scope features = s / "features";
  const Value images = classifier_input(features / 0, config, options, {.smallest = kSmallestVgg});
  const VggLayers layers = vgg_layers(features, images, {.norm_eps = norm_eps(config)});
  require_architecture(s, name_of(layers.convolutions, features.has("1.running_mean")), name);
  Value x = max_pool2d(features / layers.next, layers.x, {});
  x = flatten(adaptive_average_pool(s / "avgpool", x, kVggGrid));
  constexpr std::int64_t kHidden = 4096;
  classify_features(
      s / "classifier", x,
      {linear_layer(kHidden), activation_layer(Activation::kRelu), dropout_layer(),
       linear_layer(kHidden), activation_layer(Activation::kRelu), dropout_layer(), linear_layer()},
      config, options);
}

}  // namespace

std::vector<Model> vggs() {
  std::vector<Model> rows;
  for (const VggDepth& depth : kVggDepths) {
    for (const bool normalised : {false, true}) {
      const std::string name = name_of(depth.convolutions, normalised);
      const std::string description =
          fmt::format("VGG-{}{}", depth.layers, normalised ? " with batch normalisation" : "");
      const auto build_it = [name](Scope s, const Config& config, const BuildOptions& options) {
        build_vgg(s, name, config, options);
      };
      rows.push_back(classifier(name, description, build_it));
    }
  }
  return rows;
}

}  // namespace tv2onnx
