// tv2onnx merge DIR

#include <fmt/format.h>

#include <memory>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/command.h"
#include "cli/print.h"
#include "jobs/merge.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {
namespace {

struct MergeOptions {
  std::string folder;
  std::string coco;
  std::string coco_images;
  std::string jsonl;
  bool overwrite = false;
};

int run_merge(const MergeOptions& options) {
  if (options.coco == options.jsonl) {
    throw Error({.code = "U003", .found = "--coco and --jsonl name one output"});
  }
  ImageList list;
  const RunFolder run = open_run(options.folder, list);
  MergeReport report;
  if (!options.coco.empty()) {
    AnswerStream out(options.coco, options.overwrite);
    report = merge_coco(run, list, options.coco_images, [&](std::string_view t) { out.add(t); });
    out.end();
  }
  if (!options.jsonl.empty()) {
    AnswerStream out(options.jsonl, options.overwrite);
    report = merge_rows(run, [&](std::string_view text) { out.add(text); });
    out.end();
  }
  for (const std::string& error : report.errors) print_log("{}\n", printable(error, 9000));
  if (report.failed > 0) print_log("{} of {} images failed\n", report.failed, report.images);
  return report.failed > 0 ? kSomeFailed : 0;
}

}  // namespace

void add_merge(Command& program, Invocation& /*invocation*/) {
  Command* command =
      program.add_subcommand("merge", "put together what shards of a list have found");
  auto options = std::make_shared<MergeOptions>();
  command->add_option("FOLDER", options->folder, "folder of predict --list -o")->required();
  Argument* coco = command
                       ->add_option("--coco", options->coco,
                                    "detections as COCO results, the same bytes as of predict "
                                    "--coco in one process; - for stdout")
                       ->type_name("FILE.json");
  command
      ->add_option("--coco-images", options->coco_images,
                   "with --coco: annotations that have the image_id of each file name")
      ->needs(coco)
      ->type_name("FILE.json");
  Argument* jsonl =
      command
          ->add_option("--jsonl", options->jsonl, "all rows in the order of the list; - for stdout")
          ->type_name("FILE.jsonl");
  command->add_flag("-f,--force", options->overwrite, "overwrite outputs");
  command->one_of = {coco, jsonl};
  command->footer("tv2onnx merge rows --coco found.json");
  command->run = [options] { return run_merge(*options); };
}

}  // namespace tv2onnx::cli
