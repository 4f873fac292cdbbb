// tv2onnx evaluate MODEL.onnx FOLDER

#include <fmt/format.h>

#include <memory>
#include <string>

#include "base/text.h"
#include "cli/choice.h"
#include "cli/class_names.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/session_options.h"
#include "tv2onnx/error.h"
#include "tv2onnx/evaluate.h"

namespace tv2onnx::cli {
namespace {

constexpr int kSomeImagesFailed = 3;

struct EvaluateArguments {
  std::string model;
  std::string data;
  std::string class_names_file;
  Task task = Task::kClassification;
  EvaluateOptions core;
  SessionOptions session;
  bool json = false;
};

std::int64_t classes_of(const Classifier& classifier) {
  const AnswerOutputs& answer = classifier.contract().answer;
  const Shape& shape = classifier.session().outputs()[answer.answer].shape;
  const bool stated = !answer.labels && !shape.empty() && shape.back() > 0;
  return stated ? shape.back()
                : static_cast<std::int64_t>(classifier.contract().class_names.size());
}

std::string text_of(const EvaluateReport& report, const std::string& rule) {
  const auto line = [&](const char* name, std::size_t right) {
    const double share = report.images == 0 ? 0
                                            : 100.0 * static_cast<double>(right) /
                                                  static_cast<double>(report.images);
    return fmt::format("{}  {:6.2f} %  {} of {}\n", name, share, right, report.images);
  };
  return fmt::format("{}, {}\n", counted(report.images, "image"), rule) +
         line("top-1", report.top1) + line("top-5", report.top5);
}

int run_evaluate(EvaluateArguments options, const Invocation& invocation) {
  const Classifier classifier(options.model, options.session);
  std::vector<std::string> names = classifier.contract().class_names;
  if (!options.class_names_file.empty()) names = read_class_names(options.class_names_file);
  const LabelledImages data = labelled_images(options.data, names, classes_of(classifier));
  if (!classifier.assumption().empty() && !invocation.quiet) {
    print_log("note: {}\n", printable(classifier.assumption(), 1000));
  }
  Progress progress(data.images.size(), invocation.quiet);
  options.core.control.progress = [&](const Step& step) { progress.begin(step.name); };
  const EvaluateReport report = evaluate(classifier, data.images, options.core);
  progress.hide();
  for (const std::string& failure : report.failures) print_log("{}\n", printable(failure, 9000));
  print_answer("{}", options.json ? to_json(report) : text_of(report, data.rule));
  return report.failures.empty() ? 0 : kSomeImagesFailed;
}

}  // namespace

void add_evaluate(Command& program, Invocation& invocation) {
  Command* command =
      program.add_subcommand("evaluate", "how often a classifier is right about labelled photos");
  auto options = std::make_shared<EvaluateArguments>();
  command->add_option("MODEL", options->model, "ONNX file of a classifier")->required();
  command
      ->add_option(
          "DATA", options->data,
          "folder with one folder for each class, or a text file with a path and a class on "
          "each line")
      ->required();
  add_choice<Task>(*command, "--task", options->task, {{"classify", Task::kClassification}},
                   "what is evaluated");
  command
      ->add_option("--class-names", options->class_names_file,
                   "one class name per line, instead of the model's own")
      ->type_name("FILE.txt");
  add_session_options(*command, options->session);
  command->add_flag("--json", options->json, "report as JSON");
  command->footer(
      "tv2onnx evaluate flowers.onnx flowers/val\n"
      "tv2onnx evaluate flowers.onnx val.txt --json");
  command->run = [options, &invocation] { return run_evaluate(*options, invocation); };
}

}  // namespace tv2onnx::cli
