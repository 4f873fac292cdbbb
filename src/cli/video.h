#pragma once
// tv2onnx predict MODEL.onnx clip.mp4 -o out.mp4

#include "cli/detect_options.h"

namespace tv2onnx::cli {

/// Adds --every, --start, --end and --track.
void add_video_options(Command& command, DetectFlags& options);

/// Whether an input is a video, a camera or a pipe. \throws Error U003: among several inputs, or
/// with options that videos do not have.
bool is_video_run(const DetectFlags& options);

/// Goes through the frames; returns the exit code.
int run_video(const DetectFlags& options, const Invocation& invocation, Task task);

}  // namespace tv2onnx::cli
