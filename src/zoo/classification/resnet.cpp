#include "zoo/classification/resnet.h"

#include <array>

#include "nn/quantised.h"
#include "zoo/classification/classifier.h"
#include "zoo/resnet.h"

namespace tv2onnx {
namespace {

struct ResNetRow {
  const char* name;
  const char* description;  ///< resnet_name()
};
constexpr auto kResNetRows = std::to_array<ResNetRow>({{"resnet18", "ResNet-18"},
                                                       {"resnet34", "ResNet-34"},
                                                       {"resnet50", "ResNet-50"},
                                                       {"resnet101", "ResNet-101"},
                                                       {"resnet152", "ResNet-152"},
                                                       {"resnext50_32x4d", "ResNeXt-50 32x4d"},
                                                       {"resnext101_32x8d", "ResNeXt-101 32x8d"},
                                                       {"resnext101_64x4d", "ResNeXt-101 64x4d"},
                                                       {"wide_resnet50_2", "Wide ResNet-50-2"},
                                                       {"wide_resnet101_2", "Wide ResNet-101-2"}});

void build_resnet(Scope s, const ResNetRow& row, const Config& config,
                  const BuildOptions& options) {
  s.computes(ModuleKind::kResNet);
  require_architecture(s, resnet_name(s), row.description);
  const Value x = rounded(s / "quant", classifier_input(resnet_stem(s), config, options));
  const Value maps = resnet_maps(s, x, norm_eps(config)).back().x;
  classify_maps(s, maps, "fc", {linear_layer()}, config, options);
}

}  // namespace

std::vector<Model> resnets() {
  return classifiers<ResNetRow>(kResNetRows, build_resnet);
}

}  // namespace tv2onnx
