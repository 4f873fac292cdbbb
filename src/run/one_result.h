#pragma once
// One result of each task as JSON and as a picture: of an image in a report, or of a video's frame.

#include <string>
#include <vector>

#include "tv2onnx/classify.h"
#include "tv2onnx/estimate_flow.h"
#include "tv2onnx/segment.h"

namespace tv2onnx {

/// [{"class":"cat","label":1,"score":0.97}]
std::string classes_json(const std::vector<ScoredClass>& best,
                         const std::vector<std::string>& names);
/// The photo in a frame of the colour of its best class, which is written on it.
Tensor draw_classes(const Tensor& photo, const std::vector<ScoredClass>& best,
                    const std::vector<std::string>& names);

double share_of(const ClassShare& one, const SegmentedImage& image);
/// [{"class":"cat","label":1,"pixels":70,"share":0.7}]
std::string shares_json(const SegmentedImage& image, const std::vector<std::string>& names);
/// The photo with its classes tinted and named. \param labels int32 [height, width]
Tensor draw_classes(const Tensor& photo, const Tensor& labels, const SegmentedImage& image,
                    const std::vector<std::string>& names);

/// Fills in how much moves. \param flow float32 [1, 2, height, width]
void measure(const Tensor& flow, EstimatedFlow& result);
/// "mean":1.5,"longest":4.0,"right":0.5,"down":-1.0
std::string movement_json(const EstimatedFlow& result);

}  // namespace tv2onnx
