#pragma once
// torchvision/models/detection/ssd.py: SSD (arXiv:1512.02325).

#include <vector>

#include "nn/anchors.h"
#include "nn/dense_detections.h"
#include "tv2onnx/zoo.h"
#include "zoo/detection/one_stage.h"

namespace tv2onnx {

/// What differs between the builders.
struct SsdStandard {
  std::int64_t size = 300;  ///< of the square that images are resized to
  std::vector<double> mean;
  std::vector<double> std;
  DefaultBoxSpec boxes;
  DenseSpec selection;
  double norm_eps = 1e-5;
};
std::vector<Option> ssd_options(const SsdStandard& standard);

/// SSD or SSDlite, with the backbone and the kind of head that the weights are for.
void build_ssd(Scope s, const Config& config, const BuildOptions& options);

/// What SSD finds in the maps, in resized pixels. \throws Error U002 without a fixed_size.
DetectionTable ssd_detections(Scope s, const OneStage& found, const Config& config);

Model ssd300_vgg16();

}  // namespace tv2onnx
