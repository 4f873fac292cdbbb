#pragma once
// What RetinaNet, FCOS and SSD share: settings and the way from the input to the feature maps.

#include <vector>

#include "nn/anchors.h"
#include "nn/dense_detections.h"
#include "nn/fpn.h"
#include "nn/image_transform.h"
#include "tv2onnx/zoo.h"
#include "zoo/detection/options.h"

namespace tv2onnx {

/// Thresholds and limits, under torchvision's keywords.
void option_rows(OptionRows& row, DenseSpec& spec);
DenseSpec dense_spec(const Config& config);

/// Where the options of the AnchorGenerator stand.
inline OptionPlace anchor_place() {
  return {"anchor_generator", "anchor_generator"};
}
AnchorSpec anchor_spec(const Config& config);

/// DefaultBoxGenerator.
void option_rows(OptionRows& row, DefaultBoxSpec& spec);
DefaultBoxSpec default_box_spec(const Config& config);

struct OneStage {
  TransformedImages images;
  std::vector<FeatureMap> maps;
};

/// Input, transform and backbone. Of OutputMode::kRaw only the maps, from images that have the
/// right size already. \throws Error U002 for a size or an input that does not go with the outputs.
OneStage one_stage(Scope s, const Config& config, const BuildOptions& options);

/// The heads of RetinaNet and FCOS.
using AnchorHead = std::vector<DensePrediction> (*)(Scope, const std::vector<FeatureMap>&,
                                                    std::int64_t anchors);
/// What RetinaNet or FCOS finds in the maps, in resized pixels.
DetectionTable detect_with(AnchorHead head, Scope s, const OneStage& found, const Config& config);

/// A whole RetinaNet or FCOS; `family` is its name in the metadata of raw files.
void build_with(AnchorHead head, std::string_view family, Scope s, const Config& config,
                const BuildOptions& options);

}  // namespace tv2onnx
