#pragma once
// Models of all tasks as videos use them: frames in, answers out.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/detect_options.h"
#include "tv2onnx/classifier.h"
#include "video/frame_reader.h"

namespace tv2onnx::cli {

struct TimedPicture {
  Tensor pixels;
  double time = 0;
};

/// What is said of a frame, of a clip, or of what moves until the next frame.
struct FrameAnswer {
  std::int64_t frame = 0;  ///< the first of them, as Frame has it
  double time = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::optional<double> end = {};           ///< of the last frame, where there are several
  std::string json = {};                    ///< members of the JSON object: "detections":[...]
  std::string summary = {};                 ///< for people: "2 cat, 1 dog"
  std::vector<TimedPicture> pictures = {};  ///< drawn, where pictures are wanted
};

/// Can be called beside the next run, for all that is done afterwards.
using Finish = std::function<FrameAnswer()>;

struct FrameModel {
  /// Takes the next frame; null: the answer needs more of them.
  std::function<Finish(Frame frame)> take;
  /// What is left at the end of the video; null: nothing.
  std::function<Finish()> end = [] { return Finish(); };
  std::string note = {};  ///< Classifier::assumption()
};

/// An answer that has nothing yet but what is known of its first frame.
FrameAnswer about_frame(const Frame& frame);
/// Puts classes into an answer; the summary has as many as `shown`.
void say_classes(const std::vector<ScoredClass>& best, const std::vector<std::string>& names,
                 std::size_t shown, FrameAnswer& answer);

/// \param draw whether pictures are wanted \throws Error as the classes of the models; U003 for
/// options that videos do not have.
FrameModel open_frame_model(const DetectFlags& options, Task task, bool draw);

}  // namespace tv2onnx::cli
