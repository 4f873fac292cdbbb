#include "cli/video.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/longest_shown.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/frame_models.h"
#include "cli/frame_progress.h"
#include "cli/print.h"
#include "run/read_ahead.h"
#include "video/frame_reader.h"
#include "video/frame_writer.h"

namespace tv2onnx::cli {
namespace {

/// Where answers go.
struct FrameSinks {
  std::optional<AnswerStream> json;
  std::optional<FrameWriter> pictures;
  FrameProgress progress;
  bool print = false;
};

std::string clock_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds * 1000 + 0.5);
  return fmt::format("{}:{:02}:{:02}.{:03}", whole / 3'600'000, whole / 60'000 % 60,
                     whole / 1000 % 60, whole % 1000);
}

/// What is known of a frame beside its answer.
struct FrameResult {
  std::int64_t index = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
  FrameAnswer answer;
};

void hand_out(FrameResult frame, FrameSinks& sinks) {
  FrameAnswer& answer = frame.answer;
  if (sinks.json) {
    sinks.json->add(fmt::format("{{\"frame\":{},\"time\":{:.6f},\"width\":{},\"height\":{},{}}}\n",
                                frame.index, answer.time, frame.width, frame.height, answer.json));
    sinks.json->flush();
  }
  if (sinks.print) {
    sinks.progress.hide();
    print_answer("{}  {}\n", clock_text(answer.time), answer.summary);
  }
  if (sinks.pictures) sinks.pictures->add(std::move(answer.picture), answer.time);
  sinks.progress.show(answer.time);
}

/// Goes through all frames: read ahead in a thread, drawn beside the next run, encoded in a thread.
std::size_t run_frames(FrameReader& reader, const FrameModel& model, FrameSinks& sinks) {
  InOrder<FrameResult> finished([&](FrameResult frame) { hand_out(std::move(frame), sinks); });
  std::size_t count = 0;
  for (; std::optional<Frame> frame = reader.next(); ++count) {
    sinks.progress.set_length(reader.length());
    FrameResult result{frame->index, frame->pixels.shape[2], frame->pixels.shape[1], {}};
    std::function<FrameAnswer()> finish = model(std::move(*frame));
    finished.add(true, [result, finish = std::move(finish)]() mutable {
      result.answer = finish();
      return std::move(result);
    });
  }
  finished.end();
  sinks.progress.hide();
  return count;
}

/// The exit code. A video that breaks off has given what it had.
int report_end(const FrameReader& reader, std::size_t count, const DetectFlags& options,
               const FrameSinks& sinks, const Invocation& invocation) {
  if (!invocation.quiet) {
    print_log("{}, {:.1f} frames/s\n", counted(count, "frame"), sinks.progress.rate());
  }
  if (reader.problem().empty()) return 0;
  print_log("error[I002]: {}: the video is damaged; what could be read is there: {}\n",
            printable(options.inputs.front(), kLongestShown), printable(reader.problem(), 1000));
  return kSomeFailed;
}

[[noreturn]] void refuse_empty(const FrameReader& reader, const std::string& input) {
  throw Error(
      {.code = "I002",
       .found = "no frame can be read",
       .where = {.file = input},
       .expected = "a video that ffmpeg reads, and that is as long as --start and --end say",
       .details = reader.problem().empty()
                      ? std::vector<std::string>{}
                      : std::vector{"ffmpeg    " + printable(reader.problem(), 1000)}});
}

}  // namespace

bool is_video_run(const DetectFlags& options) {
  const auto video = std::ranges::find_if(options.inputs, is_video_name);
  const auto given = std::ranges::find_if(options.of_videos,
                                          [](const Argument* option) { return option->count > 0; });
  if (video == options.inputs.end()) {
    if (given == options.of_videos.end()) return false;
    throw Error(
        {.code = "U003",
         .found = fmt::format("{} is for videos", (*given)->name()),
         .expected = "a video as INPUT: clip.mp4, /dev/video0, rtsp://..., or - for a pipe"});
  }
  if (!options.coco.empty()) {
    throw Error({.code = "U003",
                 .found = "--coco has no meaning for a video: its frames have no image_id",
                 .where = {.file = *video},
                 .hint = "--json FILE.jsonl writes a line for each frame"});
  }
  if (options.inputs.size() > 1) {
    throw Error({.code = "U003",
                 .found = "a video among several inputs",
                 .where = {.file = *video},
                 .hint = "give one video for each run"});
  }
  return true;
}

int run_video(const DetectFlags& options, const Invocation& invocation, Task task) {
  const std::string& input = options.inputs.front();
  if (options.source.end > 0 && options.source.end <= options.source.start) {
    throw Error({.code = "U003", .found = "--end is not after --start"});
  }
  if (!options.folder.empty()) require_video_target(options.folder);
  const FrameModel model = open_frame_model(options, task, !options.folder.empty());
  FrameSource source = options.source;
  source.input = input;
  FrameSinks sinks{
      .json = {}, .pictures = {}, .progress = FrameProgress(source.start, invocation.quiet)};
  if (!options.json.empty()) sinks.json.emplace(options.json, options.core.overwrite);
  if (!options.folder.empty()) sinks.pictures.emplace(options.folder, options.core.overwrite);
  sinks.print = !sinks.json && !sinks.pictures;
  FrameReader reader(source);
  const std::size_t count = run_frames(reader, model, sinks);
  if (count == 0) refuse_empty(reader, input);
  if (sinks.pictures) sinks.pictures->end();
  if (sinks.json) sinks.json->end();
  return report_end(reader, count, options, sinks, invocation);
}

void add_video_options(Command& command, DetectFlags& options) {
  constexpr const char* kGroup = "Videos and cameras";
  const auto seconds = [&](const char* name, double& target, const char* help) {
    return command.add_option(name, target, help)
        ->range(0.0, 1e7)
        ->type_name("SECONDS")
        ->group(kGroup);
  };
  options.of_videos = {
      command.add_option("--every", options.source.every, "look at the first of every N frames")
          ->range(1, 1'000'000)
          ->type_name("N")
          ->group(kGroup),
      seconds("--start", options.source.start, "begin here"),
      seconds("--end", options.source.end, "end here"),
      command
          .add_flag("--track", options.track,
                    "number the objects, by how much their boxes overlap from "
                    "frame to frame")
          ->group(kGroup)};
}

}  // namespace tv2onnx::cli
