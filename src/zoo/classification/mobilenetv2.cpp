#include "zoo/mobilenetv2.h"

#include "nn/quantised.h"
#include "zoo/classification/classifier.h"
#include "zoo/classification/mobilenetv2.h"

namespace tv2onnx {
namespace {

/// torchvision/models/quantization/mobilenetv2.py: the same keys, and another activation.
struct Quantizable {
  bool on = false;
};
void option_rows(OptionRows& row, Quantizable& settings) {
  row("quantizable", kinds::kFlag, "",
      "the model is torchvision.models.quantization.mobilenet_v2, where every ReLU6 is a ReLU",
      settings.on);
}

bool is_quantizable(Scope s, const Config& config) {
  if ((s / "quant").holds_tensors()) return true;  // of a quantised file there is no doubt
  return assumed_flag(s, config, "quantizable",
                      "torchvision.models.quantization.mobilenet_v2 has the same keys and ReLU in "
                      "place of ReLU6");
}

void build_mobilenetv2(Scope s, const Config& config, const BuildOptions& options) {
  s.computes(ModuleKind::kMobileNetV2);
  const Scope features = s / "features";
  const Value x = rounded(s / "quant", classifier_input(features / 0 / 0, config, options));
  const bool quantizable = is_quantizable(s, config);
  const Activation activation = quantizable ? Activation::kRelu : Activation::kRelu6;
  const Value maps = mobilenet_v2_maps(features, x, activation, norm_eps(config)).back().x;
  classify_maps(s, maps, "classifier", {dropout_layer(), linear_layer()}, config, options);
}

}  // namespace

Model mobilenet_v2() {
  return classifier("mobilenet_v2", "MobileNetV2", build_mobilenetv2,
                    {.more = declare_options(Quantizable{})});
}

}  // namespace tv2onnx
