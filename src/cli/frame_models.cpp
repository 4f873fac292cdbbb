#include "cli/frame_models.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/text.h"
#include "cli/class_names.h"
#include "cli/classify.h"
#include "cli/clip_model.h"
#include "cli/detect_table.h"
#include "cli/listing.h"
#include "run/look.h"
#include "run/one_result.h"
#include "run/rows.h"
#include "tv2onnx/detector.h"
#include "video/tracker.h"

namespace tv2onnx::cli {
namespace {

FrameAnswer answer_of(Look look, FrameAnswer answer, const std::vector<std::int64_t>& ids,
                      const DetectOptions& core, bool draw) {
  finish_masks(look, core);
  std::vector<std::string> rows = detection_rows(look.found, core.class_names);
  std::vector<std::string> texts = box_texts(look.found, core.class_names);
  for (std::size_t k = 0; k < ids.size(); ++k) {
    rows[k].insert(rows[k].size() - 1, fmt::format(",\"track\":{}", ids[k]));
    texts[k] += fmt::format(" #{}", ids[k]);
  }
  answer.json = fmt::format("\"detections\":[{}]", fmt::join(rows, ","));
  answer.summary = summary_of(look.found, core.class_names);
  if (draw) answer.pictures = {{draw_look(look, texts), answer.time}};
  return answer;
}

FrameModel detector_model(const DetectFlags& options, bool draw) {
  const auto detector = std::make_shared<const Detector>(options.model, options.session);
  const auto tracker = options.track ? std::make_shared<Tracker>() : nullptr;
  DetectOptions core = options.core;
  core.class_names = detector_class_names(options.class_names_file, detector->contract());
  return {.take = [detector, tracker, core, draw](Frame frame) -> Finish {
    const FrameAnswer about = about_frame(frame);
    Look look = look_at(*detector, std::move(frame.pixels), core);
    std::vector<std::int64_t> ids;
    if (tracker != nullptr) ids = tracker->update(look.found.detections);
    return [look = std::move(look), about, ids = std::move(ids), &core, draw] {
      return answer_of(look, about, ids, core, draw);
    };
  }};
}

FrameModel classifier_model(const DetectFlags& options, bool draw) {
  const auto classifier = std::make_shared<const Classifier>(options.model, options.session);
  const ClassifyOptions core = classify_options(options, *classifier);
  const std::size_t shown = options.top.value_or(1);
  return {
      .take = [classifier, core, shown, draw](Frame frame) -> Finish {
        std::vector<ScoredClass> best = std::move(classifier->run(frame.pixels)[0].best);
        best.resize(std::min(best.size(), core.top));
        return [frame = std::move(frame), best = std::move(best), &core, shown, draw] {
          FrameAnswer answer = about_frame(frame);
          say_classes(best, core.class_names, shown, answer);
          if (draw) {
            answer.pictures = {{draw_classes(frame.pixels, best, core.class_names), frame.time}};
          }
          return answer;
        };
      },
      .note = classifier->assumption()};
}

FrameModel segmenter_model(const DetectFlags& options, bool draw) {
  const auto segmenter = std::make_shared<const Segmenter>(options.model, options.session);
  const std::vector<std::string> names = class_names_for(
      options.class_names_file, segmenter->contract().class_names, segmenter->classes());
  return {.take = [segmenter, names, draw](Frame frame) -> Finish {
    Tensor labels = std::move(segmenter->run(frame.pixels)[0].labels);
    return [frame = std::move(frame), labels = std::move(labels), &names, draw] {
      FrameAnswer answer = about_frame(frame);
      const SegmentedImage image{{}, answer.width, answer.height, class_shares(labels)};
      answer.json = fmt::format("\"classes\":{}", shares_json(image, names));
      std::vector<std::string> shares;
      for (const ClassShare& one : image.classes) {
        shares.push_back(fmt::format("{} {:.1f} %", printable(class_name(names, one.label)),
                                     100 * share_of(one, image)));
      }
      answer.summary = fmt::format("{}", fmt::join(shares, ", "));
      if (draw) {
        answer.pictures = {{draw_classes(frame.pixels, labels, image, names), frame.time}};
      }
      return answer;
    };
  }};
}

/// RAFT's sizes are no video's: what makes one of them is said.
Tensor flow_between(const Flow& flow, const Tensor& first, const Tensor& second) {
  try {
    return flow.run(first, second);
  } catch (const Error& error) {
    if (error.code() != "R006") throw;
    ErrorParts parts = error.parts();
    parts.hint =
        "ffmpeg -i CLIP -vf 'scale=trunc(iw/8)*8:trunc(ih/8)*8' -c:v ffv1 -f matroska - | "
        "tv2onnx predict MODEL.onnx - makes such frames";
    throw Error(std::move(parts));
  }
}

[[noreturn]] void refuse_one_frame() {
  throw Error({.code = "I005",
               .found = "a video of one frame",
               .expected = "at least two: a flow is from one to the next"});
}

FrameModel flow_model(const DetectFlags& options, bool draw) {
  const auto flow = std::make_shared<const Flow>(options.model, options.session);
  const auto before = std::make_shared<std::optional<Frame>>();
  const auto alone = std::make_shared<bool>(true);
  const auto take = [flow, before, alone, draw](Frame frame) -> Finish {
    if (!*before) {
      *before = std::move(frame);
      return {};
    }
    *alone = false;
    FrameAnswer about = about_frame(**before);
    about.end = frame.time;
    Tensor moved = flow_between(*flow, (*before)->pixels, frame.pixels);
    *before = std::move(frame);
    return [moved = std::move(moved), about, draw]() mutable {
      EstimatedFlow result{{}, about.width, about.height};
      measure(moved, result);
      about.json = movement_json(result);
      about.summary =
          fmt::format("mean {:.2f} px, longest {:.2f} px, right {:.2f} px, down {:.2f} px",
                      result.mean, result.longest, result.right, result.down);
      if (draw) about.pictures = {{draw_flow(moved), about.time}};
      return about;
    };
  };
  return {.take = take, .end = [before, alone]() -> Finish {
            if (*before && *alone) refuse_one_frame();
            return {};
          }};
}

void refuse_folder(const std::string& folder, const char* option) {
  if (folder.empty()) return;
  throw Error({.code = "U003",
               .found = fmt::format("{} on a video", option),
               .expected = "a folder of images",
               .hint = "mkdir frames; ffmpeg -i CLIP frames/%05d.png makes one of a video"});
}

}  // namespace

FrameAnswer about_frame(const Frame& frame) {
  return {.frame = frame.index,
          .time = frame.time,
          .width = frame.pixels.shape[2],
          .height = frame.pixels.shape[1]};
}

void say_classes(const std::vector<ScoredClass>& best, const std::vector<std::string>& names,
                 std::size_t shown, FrameAnswer& answer) {
  answer.json = fmt::format("\"classes\":{}", classes_json(best, names));
  for (std::size_t k = 0; k < std::min(shown, best.size()); ++k) {
    answer.summary += fmt::format("{}{} {:.3f}", k == 0 ? "" : ", ",
                                  printable(class_name(names, best[k].label)), best[k].score);
  }
}

FrameModel open_frame_model(const DetectFlags& options, Task task, bool draw) {
  refuse_folder(options.label_maps, "--label-maps");
  refuse_folder(options.flo, "--flo");
  switch (task) {
    case Task::kDetection: return detector_model(options, draw);
    case Task::kClassification: return classifier_model(options, draw);
    case Task::kSegmentation: return segmenter_model(options, draw);
    case Task::kVideo: return clip_model(options, draw);
    case Task::kFlow: break;
  }
  return flow_model(options, draw);
}

}  // namespace tv2onnx::cli
