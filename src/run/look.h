#pragma once
// What a detector finds in pixels, in two steps: the run, and what can be done beside the next one.

#include <string>
#include <vector>

#include "tv2onnx/detect.h"

namespace tv2onnx {

/// An image with what was found in it.
struct Look {
  Tensor pixels;
  FoundImage found;
  std::vector<PixelMask> masks = {};  ///< one for each detection, or none
};

/// Runs the detector; detections below options.score are dropped. \throws Error as Detector::run.
Look look_at(const Detector& detector, Tensor pixels, const DetectOptions& options);
/// Drops detections below options.score.
void drop_unsure(FoundImage& found, const DetectOptions& options);
/// Turns the masks of the detections, which are given up, into pixels and segmentations.
void finish_masks(Look& look, const DetectOptions& options);
/// The picture with everything that was found. `texts` stand on the boxes, one for each.
Tensor draw_look(const Look& look, const std::vector<std::string>& texts);
/// "cat 0.97" of each detection.
std::vector<std::string> box_texts(const FoundImage& found, const std::vector<std::string>& names);

}  // namespace tv2onnx
