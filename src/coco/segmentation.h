#pragma once
// A mask as JSON.

#include <nlohmann/json_fwd.hpp>

#include "tv2onnx/coco.h"

namespace tv2onnx {

/// {"size": [height, width], "counts": "..."} or [[x, y, x, y, ...], ...]
nlohmann::ordered_json segmentation_json(const Segmentation& segmentation);

}  // namespace tv2onnx
