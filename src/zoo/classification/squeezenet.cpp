#include "zoo/classification/squeezenet.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "nn/pooling.h"
#include "zoo/classification/classifier.h"

namespace tv2onnx {
namespace {

/// How many channels a module squeezes to and expands with each of its kernels.
struct Fire {
  std::int64_t squeeze;
  std::int64_t expand;
};
constexpr std::array<Fire, 8> kFires{
    {{16, 64}, {16, 64}, {32, 128}, {32, 128}, {48, 192}, {48, 192}, {64, 256}, {64, 256}}};

struct Version {
  const char* name;
  const char* description;
  std::int64_t stem, kernel;
  std::array<int, 3> pools;  ///< indices in `features`
  std::int64_t smallest;     ///< height and width of images
};
constexpr auto kVersions = std::to_array<Version>({
    {"squeezenet1_0", "SqueezeNet 1.0", 96, 7, {2, 6, 11}, 21},
    {"squeezenet1_1", "SqueezeNet 1.1, with less arithmetic", 64, 3, {2, 5, 8}, 17},
});

Value conv_relu(Scope s, const char* name, Value x, const Conv2d& options) {
  const std::string activation = std::string(name) + "_activation";
  return activate(s / activation, conv2d(s / name, x, options), Activation::kRelu);
}

Value fire(Scope s, Value x, const Fire& sizes) {
  s.computes(ModuleKind::kFire);
  const Value y = conv_relu(s, "squeeze", x, {.out = sizes.squeeze});
  const Value narrow = conv_relu(s, "expand1x1", y, {.out = sizes.expand});
  const Value wide = conv_relu(s, "expand3x3", y, {.out = sizes.expand, .kernel = 3});
  const NameScope names(s.graph(), s.prefix());
  return concat({narrow, wide}, 1);
}

void build_squeezenet(Scope s, const Version& version, const Config& config,
                      const BuildOptions& options) {
  s.computes(ModuleKind::kSqueezeNet);
  const Scope features = s / "features";
  Value x = classifier_input(features / 0, config, options, {.smallest = version.smallest});
  x = conv2d(features / 0, x,
             {.out = version.stem, .kernel = version.kernel, .stride = 2, .padding = 0});
  x = activate(features / 1, x, Activation::kRelu);
  int index = 2;
  for (const Fire& sizes : kFires) {
    if (std::ranges::find(version.pools, index) != version.pools.end()) {
      x = max_pool2d(features / index++, x, {.kernel = 3, .stride = 2, .ceil = true});
    }
    x = fire(features / index++, x, sizes);
  }
  // The classes are convolved, go through a ReLU, and are averaged last.
  const Scope head = s / "classifier";
  const int first = head.has("0.weight") ? 0 : 1;  // of a whole module, Dropout was left out
  x = activate(head / (first + 1), conv2d(head / first, x, {}), Activation::kRelu);
  x = average_of_maps(head / (first + 2), x);
  const NameScope names(s.graph(), s.prefix());
  class_outputs(flatten(x), options);
}

}  // namespace

std::vector<Model> squeezenets() {
  return classifiers<Version>(kVersions, build_squeezenet, [](const Version&) {
    return ClassifierSettings{.norm_eps = {}, .replaceable_head = false};
  });
}

}  // namespace tv2onnx
