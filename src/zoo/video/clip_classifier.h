#pragma once
// What torchvision's video classifiers (torchvision/models/video/*.py) share.

#include <array>
#include <vector>

#include "tv2onnx/zoo.h"
#include "zoo/classification/classifier.h"

namespace tv2onnx {

/// The mean and deviation of torchvision's Kinetics weights (transforms/_presets.py), whose frames
/// are resized without antialiasing.
PhotoSpec kinetics_frames(std::vector<std::int64_t> resize, std::int64_t crop);

/// As video classifiers: the rows of classifiers(), whose frames are prepared so.
std::vector<Model> of_clips(std::vector<Model> rows, const PhotoSpec& frames);

/// Adds the input `input`: clips [batch, channels, time, height, width] as torchvision's transforms
/// make them.
/// \param stem the first convolution, which says how many channels frames have
Value clip_input(Scope stem);

/// The same for clips of one size only: time, height, width.
Value fixed_clip_input(Scope stem, const std::array<std::int64_t, 3>& size);

}  // namespace tv2onnx
