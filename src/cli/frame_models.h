#pragma once
// Models of images as videos use them: a frame in, an answer out.

#include <functional>
#include <string>

#include "cli/detect_options.h"
#include "video/frame_reader.h"

namespace tv2onnx::cli {

struct FrameAnswer {
  double time = 0;
  std::string json;     ///< members of the frame's JSON object: "detections":[...]
  std::string summary;  ///< for people: "2 cat, 1 dog"
  Tensor picture;       ///< drawn, where pictures are wanted
};

/// Runs the model on a frame; what it gives can be called beside the next run, for all that is done
/// afterwards.
using FrameModel = std::function<std::function<FrameAnswer()>(Frame frame)>;

/// \param draw whether pictures are wanted \throws Error U003 for tasks whose models do not take
/// single images; as the classes of the models.
FrameModel open_frame_model(const DetectFlags& options, Task task, bool draw);

}  // namespace tv2onnx::cli
