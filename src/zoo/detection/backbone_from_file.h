#pragma once
// Backbones that are not built here: nodes of an ONNX file take their place (docs/backbones.md).

#include <string_view>
#include <vector>

#include "nn/fpn.h"
#include "tv2onnx/nn.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// The operator of the node that stands for the backbone until its nodes come: from the images to
/// the file's outputs.
inline constexpr std::string_view kBackboneNode = "tv2onnx.Backbone";

/// The maps that the file gives.
struct MapsFromFile {
  std::vector<FeatureMap> maps;
  bool is_body = false;  ///< the checkpoint's feature pyramid comes behind it
};

/// Of the backbone `s`. What of its tensors the file stands for counts as read. \throws Error W007:
/// channels that go with neither the pyramid nor what it gives, or with both.
MapsFromFile maps_from_file(Scope s, Value x, const ForeignBackbone& backbone);

}  // namespace tv2onnx
