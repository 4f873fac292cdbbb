#include "zoo/classification/alexnet.h"

#include <array>

#include "nn/pooling.h"
#include "zoo/classification/classifier.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kSmallestAlexNet = 63;  // of smaller images nothing is left to be pooled

constexpr std::int64_t kAlexNetGrid = 6;  // of the pooled maps, whatever the size of the image

struct Layer {
  int index;  ///< in `features`
  std::int64_t out, kernel, stride, padding;
  bool pool;  ///< behind the ReLU
};
constexpr auto kAlexNetLayers = std::to_array<Layer>({{0, 64, 11, 4, 2, true},
                                                      {3, 192, 5, 1, 2, true},
                                                      {6, 384, 3, 1, 1, false},
                                                      {8, 256, 3, 1, 1, false},
                                                      {10, 256, 3, 1, 1, true}});

void build_alexnet(Scope s, const Config& config, const BuildOptions& options) {
  s.computes(ModuleKind::kAlexNet);
  const Scope features = s / "features";
  Value x = classifier_input(features / 0, config, options, {.smallest = kSmallestAlexNet});
  for (const Layer& layer : kAlexNetLayers) {
    x = conv2d(features / layer.index, x,
               {.out = layer.out,
                .kernel = layer.kernel,
                .stride = layer.stride,
                .padding = layer.padding});
    x = activate(features / (layer.index + 1), x, Activation::kRelu);
    if (layer.pool) x = max_pool2d(features / (layer.index + 2), x, {.kernel = 3, .stride = 2});
  }
  x = flatten(adaptive_average_pool(s / "avgpool", x, kAlexNetGrid));
  constexpr std::int64_t kHidden = 4096;
  classify_features(
      s / "classifier", x,
      {dropout_layer(), linear_layer(kHidden), activation_layer(Activation::kRelu), dropout_layer(),
       linear_layer(kHidden), activation_layer(Activation::kRelu), linear_layer()},
      config, options);
}

}  // namespace

Model alexnet() {
  return classifier("alexnet", "AlexNet", build_alexnet, {.norm_eps = {}});
}

}  // namespace tv2onnx
