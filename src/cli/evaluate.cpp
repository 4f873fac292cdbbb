// tv2onnx evaluate MODEL.onnx FOLDER; of detectors see evaluate_detector.h

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>

#include "base/text.h"
#include "cli/choice.h"
#include "cli/class_names.h"
#include "cli/command.h"
#include "cli/evaluate_detector.h"
#include "cli/evaluate_segmenter.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/session_options.h"
#include "tv2onnx/error.h"
#include "tv2onnx/evaluate.h"

namespace tv2onnx::cli {
namespace {

struct EvaluateArguments {
  std::string model;
  std::string data;
  std::string class_names_file;
  DetectorEvaluation detector;
  SegmenterEvaluation segmenter;
  std::optional<Task> task;
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

int run_evaluate_classifier(EvaluateArguments options, const Invocation& invocation) {
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
  return report.failures.empty() ? 0 : kSomeFailed;
}

int run_evaluate_labels(const EvaluateArguments& options, const Invocation& invocation) {
  const auto refuse = [](const char* found) { throw Error({.code = "U003", .found = found}); };
  if (options.task && *options.task != Task::kSegmentation) {
    refuse("--labels is for --task segment");
  }
  if (options.segmenter.labels.empty()) {
    refuse("segmentation is evaluated with --labels FOLDER, which has a label map for each photo");
  }
  return run_evaluate_segmenter(options.segmenter,
                                {.model = options.model,
                                 .photos = options.data,
                                 .class_names_file = options.class_names_file,
                                 .session = options.session,
                                 .json = options.json},
                                invocation);
}

/// \throws Error U003 for options that do not go together, U001 for what is missing.
void require_detection(const EvaluateArguments& options) {
  const DetectorEvaluation& detector = options.detector;
  const auto refuse = [](const char* found) { throw Error({.code = "U003", .found = found}); };
  if (options.task && *options.task != Task::kDetection) refuse("--coco is for --task detect");
  if (!options.segmenter.labels.empty())
    refuse("--labels is for segmentation, --coco for detectors");
  if (!options.data.empty()) refuse("--coco and DATA: with annotations images come with --images");
  if (detector.results.empty() == options.model.empty()) {
    refuse("--coco needs either MODEL or --results");
  }
  if (!options.model.empty() && detector.images.empty()) refuse("--coco needs --images");
  const bool draws = detector.worst > 0;
  if (options.model.empty() && detector.images.empty() == draws) {
    refuse(draws ? "--worst needs --images" : "--results needs no --images");
  }
  if (draws == detector.worst_folder.empty()) refuse("--worst N and -o FOLDER go together");
}

int run_evaluate(const EvaluateArguments& options, const Invocation& invocation) {
  if (!options.detector.annotations.empty()) {
    require_detection(options);
    DetectorEvaluation detector = options.detector;
    detector.model = options.model;
    detector.class_names_file = options.class_names_file;
    detector.session = options.session;
    detector.json = options.json;
    return run_evaluate_detector(detector, invocation);
  }
  if (options.task == Task::kDetection) {
    throw Error({.code = "U003", .found = "detectors are evaluated with --coco ANNOTATIONS.json"});
  }
  if (!options.model.empty() && !options.data.empty()) {
    const bool labels = !options.segmenter.labels.empty() || options.task == Task::kSegmentation;
    if (labels) return run_evaluate_labels(options, invocation);
    return run_evaluate_classifier(options, invocation);
  }
  throw Error({.code = "U001",
               .found = options.model.empty() ? "MODEL is missing" : "DATA is missing",
               .hint = "tv2onnx evaluate --help shows what is needed"});
}

void add_detector_options(Command& command, DetectorEvaluation& options) {
  Argument* annotations =
      command
          .add_option("--coco", options.annotations,
                      "of detectors: average precision against these annotations")
          ->type_name("ANNOTATIONS.json");
  command.add_option("--images", options.images, "folder of the annotated images")
      ->type_name("FOLDER")
      ->needs(annotations);
  command.add_option("--results", options.results, "stored results in COCO's form, and no MODEL")
      ->type_name("RESULTS.json")
      ->needs(annotations);
  add_choice<CocoKind>(command, "--kind", options.kind, kCocoKinds, "what is compared")
      ->needs(annotations);
  command
      .add_option("--against", options.against,
                  "another file of the same form: the difference in AP, and how much of what it is "
                  "sure of is found again")
      ->type_name("OTHER")
      ->needs(annotations);
  command.add_option("--curve", options.curve, "precision over recall as a picture")
      ->type_name("FILE.svg")
      ->needs(annotations);
  command.add_flag("--confusion", options.confusion, "which category was taken for which")
      ->needs(annotations);
  command.add_option("--worst", options.worst, "draw the images with most mistakes")
      ->type_name("N")
      ->range(1, 10000)
      ->needs(annotations);
  command.add_option("-o,--output", options.worst_folder, "folder for the pictures of --worst")
      ->type_name("FOLDER")
      ->needs(annotations);
  command.add_flag("-f,--force", options.overwrite, "overwrite pictures")->needs(annotations);
}

void add_segmenter_options(Command& command, SegmenterEvaluation& options) {
  Argument* labels =
      command
          .add_option("--labels", options.labels,
                      "of segmentation: a PNG for each photo, whose pixels are numbers of classes")
          ->type_name("FOLDER");
  command
      .add_flag("--resize-labels", options.resized,
                "count pixels of the resized photo, as torchvision's script does; for files with "
                "logits")
      ->needs(labels);
}

}  // namespace

void add_evaluate(Command& program, Invocation& invocation) {
  Command* command = program.add_subcommand("evaluate", "how good a model is, on labelled photos");
  auto options = std::make_shared<EvaluateArguments>();
  command->add_option("MODEL", options->model,
                      "ONNX file of a classifier, a detector or a "
                      "segmentation model");
  command->add_option(
      "DATA", options->data,
      "of classifiers: folder with one folder for each class, or a text file with a path and "
      "a class on each line; of segmentation: folder of photos");
  add_choice<Task>(*command, "--task", options->task,
                   {{"classify", Task::kClassification},
                    {"detect", Task::kDetection},
                    {"segment", Task::kSegmentation}},
                   "what is evaluated; with --coco detect, with --labels segment, else classify");
  add_detector_options(*command, options->detector);
  add_segmenter_options(*command, options->segmenter);
  command
      ->add_option("--class-names", options->class_names_file,
                   "one class name per line, instead of the model's own")
      ->type_name("FILE.txt");
  add_session_options(*command, options->session);
  command->add_flag("--json", options->json, "report as JSON");
  command->footer(
      "tv2onnx evaluate flowers.onnx flowers/val\n"
      "tv2onnx evaluate flowers.onnx val.txt --json\n"
      "tv2onnx evaluate street.onnx val/photos --labels val/labels\n"
      "tv2onnx evaluate pets.onnx --coco pets.json --images photos\n"
      "tv2onnx evaluate pets-int8.onnx --against pets.onnx --coco pets.json --images photos\n"
      "tv2onnx evaluate pets.onnx --coco pets.json --images photos --confusion --worst 20 -o "
      "worst\n"
      "tv2onnx evaluate --results results.json --coco pets.json --kind masks");
  command->run = [options, &invocation] { return run_evaluate(*options, invocation); };
}

}  // namespace tv2onnx::cli
