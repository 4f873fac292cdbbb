// tv2onnx predict MODEL.onnx INPUT...

#include <algorithm>
#include <array>
#include <memory>

#include "cli/command.h"
#include "cli/detect_options.h"
#include "cli/list_run.h"
#include "cli/video.h"
#include "tv2onnx/detector.h"

namespace tv2onnx::cli {
namespace {

using Run = int (*)(const DetectFlags& options, const Invocation& invocation);

/// How models of each task are run.
struct Row {
  Task task;
  Run run;
};
constexpr std::array kRows{Row{Task::kDetection, run_detect},
                           Row{Task::kClassification, run_classify},
                           Row{Task::kSegmentation, run_segment}, Row{Task::kVideo, run_clips},
                           Row{Task::kFlow, run_flow}};

int run_predict(const DetectFlags& options, const Invocation& invocation) {
  const Task task = task_of_file(options.model);
  require_meaning(options, task);
  if (!options.list.empty()) return run_list(options, invocation);
  if (is_video_run(options)) return run_video(options, invocation, task);
  return std::ranges::find(kRows, task, &Row::task)->run(options, invocation);
}

void add_task_options(Command& command, DetectFlags& options) {
  const auto folder = [&](const char* name, std::string& target, Task task, const char* help) {
    const Argument* option = command.add_option(name, target, help)->type_name("FOLDER");
    options.limited.push_back({option, {task}});
  };
  folder("--label-maps", options.label_maps, Task::kSegmentation,
         "of segmentation: folder for PNG files whose pixels are the numbers of the classes");
  folder("--flo", options.flo, Task::kFlow, "of optical flow: folder for .flo files");
  const Argument* frames =
      command
          .add_option("--frames", options.frames,
                      "of clips, which are folders of frames: at most so many of each, evenly "
                      "spread; default: all, or as many as the file takes")
          ->range(1, 100'000)
          ->type_name("N");
  options.limited.push_back({frames, {Task::kVideo}});
}

}  // namespace

void add_predict(Command& program, Invocation& invocation) {
  Command* command = program.add_subcommand("predict", "run a model on images");
  auto options = std::make_shared<DetectFlags>();
  add_detect_options(*command, *options);
  const Argument* top =
      command
          ->add_option("--top", options->top,
                       "of classifiers: how many of the best classes are shown (default 5)")
          ->range(1, 100'000)
          ->type_name("N");
  options->limited.push_back({top, {Task::kClassification, Task::kVideo}});
  add_task_options(*command, *options);
  command->footer(
      "tv2onnx predict pets.onnx photo.jpg -o drawn\n"
      "tv2onnx predict street.onnx photos -o drawn --label-maps labels\n"
      "tv2onnx predict pets.onnx --list files.txt --shard auto -o rows\n"
      "tv2onnx predict pets.onnx clip.mp4 -o out.mp4 --track --json found.jsonl\n"
      "tv2onnx predict sports.onnx clip_1 clip_2 --frames 16 --top 3\n"
      "tv2onnx predict raft.onnx 0001.png 0002.png -o drawn --flo flow");
  command->run = [options, &invocation] { return run_predict(*options, invocation); };
}

}  // namespace tv2onnx::cli
