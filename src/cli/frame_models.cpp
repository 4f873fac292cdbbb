#include "cli/frame_models.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <utility>

#include "cli/class_names.h"
#include "cli/detect_table.h"
#include "run/look.h"
#include "run/rows.h"
#include "tv2onnx/detector.h"
#include "video/tracker.h"

namespace tv2onnx::cli {
namespace {

FrameAnswer answer_of(Look look, double time, const std::vector<std::int64_t>& ids,
                      const DetectOptions& core, bool draw) {
  finish_masks(look, core);
  std::vector<std::string> rows = detection_rows(look.found, core.class_names);
  std::vector<std::string> texts = box_texts(look.found, core.class_names);
  for (std::size_t k = 0; k < ids.size(); ++k) {
    rows[k].insert(rows[k].size() - 1, fmt::format(",\"track\":{}", ids[k]));
    texts[k] += fmt::format(" #{}", ids[k]);
  }
  return {.time = time,
          .json = fmt::format("\"detections\":[{}]", fmt::join(rows, ",")),
          .summary = summary_of(look.found, core.class_names),
          .picture = draw ? draw_look(look, texts) : Tensor()};
}

FrameModel detector_model(const DetectFlags& options, bool draw) {
  const auto detector = std::make_shared<const Detector>(options.model, options.session);
  const auto tracker = options.track ? std::make_shared<Tracker>() : nullptr;
  DetectOptions core = options.core;
  core.class_names = detector_class_names(options.class_names_file, detector->contract());
  return [detector, tracker, core, draw](Frame frame) -> std::function<FrameAnswer()> {
    Look look = look_at(*detector, std::move(frame.pixels), core);
    std::vector<std::int64_t> ids;
    if (tracker != nullptr) ids = tracker->update(look.found.detections);
    return [look = std::move(look), time = frame.time, ids = std::move(ids), &core, draw] {
      return answer_of(look, time, ids, core, draw);
    };
  };
}

}  // namespace

FrameModel open_frame_model(const DetectFlags& options, Task task, bool draw) {
  if (task == Task::kDetection) return detector_model(options, draw);
  throw Error({.code = "U003",
               .found = fmt::format("a {} on a video", model_noun(task)),
               .where = {.file = options.model},
               .expected = "a detector",
               .hint = "mkdir frames; ffmpeg -i CLIP frames/%05d.png makes a folder of images of a "
                       "video"});
}

}  // namespace tv2onnx::cli
