#include "cli/detect_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/choice.h"
#include "cli/list_run.h"
#include "cli/session_options.h"
#include "cli/video.h"
#include "tv2onnx/error.h"
#include "tv2onnx/task.h"

namespace tv2onnx::cli {
namespace {

void add_outputs(Command& command, DetectFlags& options) {
  command
      .add_option("-o,--output", options.folder,
                  "folder for pictures with what was found drawn; named after the inputs (.jpg "
                  "for JPEG, else .png); _2, _3 on collision")
      ->type_name("FOLDER");
  command.add_option("--json", options.json, "what was found as JSON; - for stdout")
      ->type_name("FILE.json");
  Argument* coco =
      command
          .add_option("--coco", options.coco,
                      "detections as COCO results; - for stdout. image_id is the number in the "
                      "file's name if all names are numbers, else 1, 2, 3, ...")
          ->type_name("FILE.json");
  options.limited.push_back({coco, {Task::kDetection}});
  command
      .add_option("--coco-images", options.coco_images,
                  "with --coco: annotations that have the image_id of each file name")
      ->needs(coco)
      ->type_name("FILE.json");
  command.add_flag("-f,--force", options.core.overwrite, "overwrite outputs");
}

void add_what_is_shown(Command& command, DetectFlags& options) {
  const auto share = [&](const char* flag, double& target, const char* help) {
    const Argument* option = command.add_option(flag, target, help)
                                 ->range(0.0, 1.0)
                                 ->capture_default_str()
                                 ->type_name("0..1");
    options.limited.push_back({option, {Task::kDetection}});
  };
  share("--score", options.core.score,
        "hide detections below this score (the model has its own threshold, too)");
  share("--mask-threshold", options.core.mask_threshold,
        "a pixel belongs to the object if its probability exceeds this");
  options.limited.push_back(
      {add_choice<MaskFormat>(command, "--mask-format", options.core.mask_format,
                              {{"rle", MaskFormat::kRle}, {"polygon", MaskFormat::kPolygon}},
                              "masks in JSON. rle: COCO's compressed run lengths; polygon: "
                              "outlines along the edges of pixels, without holes"),
       {Task::kDetection}});
  command
      .add_option("--class-names", options.class_names_file,
                  "one class name per line, instead of the model's own")
      ->type_name("FILE.txt");
}

void add_reading(Command& command, DetectFlags& options) {
  command.add_flag("--recursive", options.recursive, "look into folders inside folders");
  command.add_flag("--ignore-exif", options.core.image.ignore_exif,
                   "do not turn photos upright by their EXIF orientation (PIL.Image.open does not, "
                   "viewers and OpenCV do)");
  add_session_options(command, options.session);
}

/// "a detector", "a classifier or a classifier of clips"
std::string models_of(const std::vector<Task>& tasks) {
  std::vector<std::string> nouns;
  for (const Task task : tasks) nouns.push_back(fmt::format("a {}", model_noun(task)));
  return fmt::format("{}", fmt::join(nouns, " or "));
}

}  // namespace

void require_meaning(const DetectFlags& options, Task task) {
  for (const auto& [option, tasks] : options.limited) {
    if (option->count == 0 || std::ranges::find(tasks, task) != tasks.end()) continue;
    throw Error(
        {.code = "U003",
         .found = fmt::format("{} has no meaning here", option->name()),
         .where = {.file = options.model},
         .expected = fmt::format("{}; the file is a {}", models_of(tasks), model_noun(task))});
  }
}

void add_detect_options(Command& command, DetectFlags& options) {
  command.add_option("MODEL", options.model, "ONNX file of tv2onnx export or torch.onnx.export")
      ->required();
  command.add_option(
      "INPUT", options.inputs,
      "JPEG, PNG, WebP or BMP files, or folders of them; or a video, /dev/video0, rtsp://..., or - "
      "for a video from a pipe");
  add_outputs(command, options);
  add_what_is_shown(command, options);
  add_reading(command, options);
  add_video_options(command, options);
  add_list_options(command, options);
  command.add("--help-more", Page::kFurtherHelp,
              "list the options of videos (--every, --track, ...) and of long lists on clusters "
              "(--list, --shard, ...), and exit");
  command.footer(
      "tv2onnx detect pets.onnx photo.jpg -o drawn\n"
      "tv2onnx detect pets.onnx photos --json found.json --score 0.3");
}

}  // namespace tv2onnx::cli
