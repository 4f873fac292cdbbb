#include "zoo/mobilenetv3.h"

#include <array>

#include "nn/quantised.h"
#include "zoo/classification/classifier.h"
#include "zoo/classification/mobilenetv3.h"

namespace tv2onnx {
namespace {

struct MobileNetV3Row {
  const char* name;
  const char* description;  ///< mobilenet_v3_name()
  std::int64_t hidden;      ///< of the head
};
constexpr auto kMobileNetV3Rows =
    std::to_array<MobileNetV3Row>({{"mobilenet_v3_large", "MobileNetV3-Large", 1280},
                                   {"mobilenet_v3_small", "MobileNetV3-Small", 1024}});

void build_mobilenetv3(Scope s, const MobileNetV3Row& row, const Config& config,
                       const BuildOptions& options) {
  s.computes(ModuleKind::kMobileNetV3);
  const Scope features = s / "features";
  require_architecture(s, mobilenet_v3_name(features), row.description);
  const Value x = rounded(s / "quant", classifier_input(features / 0 / 0, config, options));
  const Value maps = mobilenet_v3_maps(features, x, norm_eps(config)).back().x;
  classify_maps(s, maps, "classifier",
                {linear_layer(row.hidden), activation_layer(Activation::kHardSwish),
                 dropout_layer(), linear_layer()},
                config, options);
}

}  // namespace

std::vector<Model> mobilenets_v3() {
  return classifiers<MobileNetV3Row>(
      kMobileNetV3Rows, build_mobilenetv3,
      [](const MobileNetV3Row&) { return ClassifierSettings{.norm_eps = 1e-3}; });
}

}  // namespace tv2onnx
