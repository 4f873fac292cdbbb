#pragma once
// What torchvision's video classifiers (torchvision/models/video/*.py) share.

#include <array>
#include <vector>

#include "tv2onnx/zoo.h"
#include "zoo/classification/classifier.h"

namespace tv2onnx {

/// The normalisation of torchvision's Kinetics weights (transforms/_presets.py).
Normalisation kinetics_normalisation();

/// As video classifiers: the rows of classifiers().
std::vector<Model> of_clips(std::vector<Model> rows);

/// Adds the input `input`: clips [batch, channels, time, height, width] as torchvision's transforms
/// make them. \throws Error U002 as classifier_input().
/// \param stem the first convolution, which says how many channels frames have
Value clip_input(Scope stem, const BuildOptions& options);

/// The same for clips of one size only: time, height, width.
Value fixed_clip_input(Scope stem, const std::array<std::int64_t, 3>& size,
                       const BuildOptions& options);

}  // namespace tv2onnx
