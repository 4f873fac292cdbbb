#pragma once
// What a backbone's file says of itself, or what running it shows.

#include "rewrite/view.h"
#include "tv2onnx/export.h"

namespace tv2onnx {

/// The key of the metadata that scripts/export_backbone.py writes.
inline constexpr const char* kBackboneKey = "tv2onnx.backbone";

/// Names, channels and strides of the maps. \throws Error W007: shapes that the traced image
/// decided, maps that nothing is known of, facts that contradict each other.
ForeignBackbone backbone_facts(const View& view, const BackboneFile& file);

}  // namespace tv2onnx
