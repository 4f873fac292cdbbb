#include "zoo/segmentation/fcn.h"

#include "zoo/segmentation/segmenter.h"

namespace tv2onnx {
namespace {

void build_fcn(Scope s, const SegmenterRow& row, const Config& config,
               const BuildOptions& options) {
  s.computes(ModuleKind::kSegmenter);
  const SegmenterMaps maps = segmenter_maps(s, row, "aux", "out", config, options);
  segmenter_outputs(s, maps, fcn_head(s / "classifier", maps.last), config, options);
}

}  // namespace

std::vector<Model> fcns() {
  return {
      segmenter({"fcn_resnet50", "FCN, ResNet-50", "ResNet-50"}, auxiliary_options(), build_fcn),
      segmenter({"fcn_resnet101", "FCN, ResNet-101", "ResNet-101"}, auxiliary_options(),
                build_fcn)};
}

}  // namespace tv2onnx
