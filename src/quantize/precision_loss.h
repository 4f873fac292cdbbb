#pragma once
// Average precision of a detector before and after.

#include <filesystem>
#include <vector>

#include "tv2onnx/average_precision.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/progress.h"

namespace tv2onnx {

/// What a file of annotations says about photos, which it knows by their names. \throws Error U002
/// if it has none of them, and as read_coco_annotations.
CocoAnnotations annotations_of(const std::vector<std::filesystem::path>& photos,
                               const std::filesystem::path& file);

/// On the annotated photos. \throws Error as detect_annotated.
CocoDifference precision_loss(const Detector& original, const Detector& quantised,
                              const CocoAnnotations& truth, const CallControl& control);

}  // namespace tv2onnx
