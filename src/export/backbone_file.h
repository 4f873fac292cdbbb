#pragma once
// A backbone's ONNX file: read, checked, and what is known of it (docs/backbones.md).

#include "onnx/model.h"
#include "tv2onnx/export.h"

namespace tv2onnx {

struct ReadBackbone {
  OnnxModel model;
  ForeignBackbone known;
};

/// \throws Error W007: what cannot become a part of a detector's file, by name; Error as
/// read_onnx_model and load_external_data.
ReadBackbone read_backbone(const BackboneFile& file);

}  // namespace tv2onnx
