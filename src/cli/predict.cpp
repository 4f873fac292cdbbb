// tv2onnx predict MODEL.onnx INPUT...

#include <fmt/format.h>

#include <array>
#include <memory>

#include "base/text.h"
#include "cli/command.h"
#include "cli/detect_options.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {
namespace {

using Run = int (*)(const DetectFlags& options, const Invocation& invocation);

/// How models of each task are run.
struct Row {
  Task task;
  Run run;
};
constexpr std::array kRows{Row{Task::kDetection, run_detect},
                           Row{Task::kClassification, run_classify}};

int run_predict(const DetectFlags& options, const Invocation& invocation) {
  const Task task = task_of_file(options.model);
  for (const auto& [known, run] : kRows) {
    if (known == task) return run(options, invocation);
  }
  throw Error({.code = "R007",
               .found = fmt::format("the file is a {}", model_noun(task)),
               .where = {.file = options.model},
               .expected = "a detector or a classifier; others run in ONNX Runtime itself",
               .hint = fmt::format("tv2onnx inspect {} shows what goes in and comes out",
                                   shell_quoted(options.model))});
}

}  // namespace

void add_predict(Command& program, Invocation& invocation) {
  Command* command = program.add_subcommand("predict", "run a model on images");
  auto options = std::make_shared<DetectFlags>();
  add_detect_options(*command, *options);
  command
      ->add_option("--top", options->top,
                   "of classifiers: how many of the best classes are shown (default 5)")
      ->range(1, 100'000)
      ->type_name("N");
  command->footer(
      "tv2onnx predict pets.onnx photo.jpg -o drawn\n"
      "tv2onnx predict flowers.onnx photos --top 3 --json names.json");
  command->run = [options, &invocation] { return run_predict(*options, invocation); };
}

}  // namespace tv2onnx::cli
