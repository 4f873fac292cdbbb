#pragma once
// Classifiers of clips on a video: one clip after the other.

#include "cli/frame_models.h"

namespace tv2onnx::cli {

/// Clips of --frames frames, else of as many as the file takes, else of 16. The last clip ends with
/// the video, so it may begin in the one before. \throws Error as VideoClassifier.
FrameModel clip_model(const DetectFlags& options, bool draw);

}  // namespace tv2onnx::cli
