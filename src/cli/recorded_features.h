#pragma once
// What PyTorch gave for a backbone, as scripts/export_backbone.py --features records it.

#include <string>

#include "tv2onnx/export.h"

namespace tv2onnx::cli {

/// Runs the backbone's file on the recorded images. \throws Error W007 if its maps are not those
/// that are recorded; C001.. as open_checkpoint; as Session.
void require_recorded_features(const BackboneFile& file, const std::string& features);

}  // namespace tv2onnx::cli
