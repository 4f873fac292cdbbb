#include "cli/video.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <filesystem>
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
  std::size_t rows = 0;
  std::optional<AnswerStream> json;
  std::optional<FrameWriter> pictures;
  FrameProgress progress;
  bool print = false;
};

std::string clock_text(double seconds) {
  const std::int64_t whole = std::llround(seconds * 1000);
  return fmt::format("{}:{:02}:{:02}.{:03}", whole / 3'600'000, whole / 60'000 % 60,
                     whole / 1000 % 60, whole % 1000);
}

void hand_out(FrameAnswer answer, FrameSinks& sinks) {
  if (sinks.json) {
    const std::string end = answer.end ? fmt::format("\"end\":{:.6f},", *answer.end) : "";
    sinks.json->add(
        fmt::format("{{\"frame\":{},\"time\":{:.6f},{}\"width\":{},\"height\":{},{}}}\n",
                    answer.frame, answer.time, end, answer.width, answer.height, answer.json));
    sinks.json->flush();
    ++sinks.rows;
  }
  if (sinks.print) {
    sinks.progress.hide();
    const std::string end = answer.end ? " - " + clock_text(*answer.end) : "";
    print_answer("{}{}  {}\n", clock_text(answer.time), end, answer.summary);
  }
  for (TimedPicture& one : answer.pictures) sinks.pictures->add(std::move(one.pixels), one.time);
}

/// Goes through all frames: read ahead in a thread, drawn beside the next run, encoded in a thread.
std::size_t run_frames(FrameReader& reader, const FrameModel& model, FrameSinks& sinks) {
  InOrder<FrameAnswer> finished([&](FrameAnswer answer) { hand_out(std::move(answer), sinks); });
  std::size_t count = 0;
  for (; std::optional<Frame> frame = reader.next(); ++count) {
    sinks.progress.set_length(reader.length());
    const double time = frame->time;
    if (Finish finish = model.take(std::move(*frame))) finished.add(true, std::move(finish));
    sinks.progress.show(time);
  }
  if (Finish finish = model.end()) finished.add(true, std::move(finish));
  finished.end();
  sinks.progress.hide();
  return count;
}

/// What ends the run, such as a full disk for the pictures, leaves the rows of the frames before.
std::size_t run_or_keep(FrameReader& reader, const FrameModel& model, FrameSinks& sinks) {
  try {
    return run_frames(reader, model, sinks);
  } catch (const Error&) {
    if (sinks.rows > 0) sinks.json->end();
    throw;
  }
}

/// What one of them cannot write is not lost for the other.
void end_sinks(FrameSinks& sinks) {
  std::exception_ptr failure;
  try {
    if (sinks.json) sinks.json->end();
  } catch (...) {
    failure = std::current_exception();
  }
  if (sinks.pictures) sinks.pictures->end();
  if (failure) std::rethrow_exception(failure);
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
  std::error_code ignored;
  if (is_camera(input) && !std::filesystem::exists(input, ignored)) {
    throw Error({.code = "C001",
                 .found = "there is no such camera",
                 .where = {.file = input},
                 .hint = "ls /dev/video* shows those of this machine; a container has those that "
                         "it was given"});
  }
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
  if (!model.note.empty() && !invocation.quiet) {
    print_log("note: {}\n", printable(model.note, 1000));
  }
  if (!options.json.empty()) sinks.json.emplace(options.json, options.core.overwrite);
  if (!options.folder.empty()) sinks.pictures.emplace(options.folder, options.core.overwrite);
  sinks.print = !sinks.json && !sinks.pictures;
  FrameReader reader(source);
  const std::size_t count = run_or_keep(reader, model, sinks);
  if (count == 0) refuse_empty(reader, input);
  end_sinks(sinks);
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
  options.limited.push_back({options.of_videos.back(), {Task::kDetection}});
}

}  // namespace tv2onnx::cli
