#pragma once
// Inputs that another file is run on, to be compared with.

#include <cstdint>
#include <vector>

#include "tv2onnx/reference.h"

namespace tv2onnx {

/// Photos of one at a time, as bytes. \param photos empty: drawn scenes, here and below
std::vector<InputCase> photo_cases(std::vector<Tensor> photos, bool quick);

/// Clips of a window that moves over a scene. \param frames how many; -1: 16
std::vector<InputCase> clip_cases(std::vector<Tensor> photos, std::int64_t frames);

/// The same with two frames, of sizes that RAFT takes.
std::vector<InputCase> pair_cases(std::vector<Tensor> photos);

}  // namespace tv2onnx
