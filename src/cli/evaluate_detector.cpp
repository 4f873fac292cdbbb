#include "cli/evaluate_detector.h"

#include <fmt/format.h>

#include <vector>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/class_names.h"
#include "cli/command.h"
#include "cli/evaluate_mistakes.h"
#include "cli/evaluate_text.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "tv2onnx/error.h"
#include "tv2onnx/evaluate.h"

namespace tv2onnx::cli {
namespace {

namespace fs = std::filesystem;

void tell(const std::function<void(const std::string&)>& function, const std::string& text) {
  if (function) function(text);
}

/// What the model finds in the annotated images.
std::vector<CocoObject> found_in_images(const std::string& model, const DetectorEvaluation& options,
                                        const CocoAnnotations& annotations,
                                        const EvaluationEvents& events) {
  const Detector detector(model, options.session);
  AnnotatedOptions core{.kind = options.kind, .failed = events.failed, .control = events.control};
  core.class_names =
      options.class_names.empty()
          ? detector_class_names(options.class_names_file, detector.contract())
          : detector_class_names(options.class_names, "class_names", detector.contract());
  std::vector<CocoObject> results = detect_annotated(detector, annotations, options.images, core);
  if (core.class_names.empty()) {
    tell(events.note, "labels of the model are taken as ids of categories");
  }
  return results;
}

/// Of the file that the options name, or of stored results.
std::vector<CocoObject> results_in(const std::string& file, const DetectorEvaluation& options,
                                   const CocoAnnotations& annotations,
                                   const EvaluationEvents& events) {
  if (!options.results.empty()) return read_coco_results(file, annotations, options.kind);
  return found_in_images(file, options, annotations, events);
}

/// \throws Error U002 if no result counts.
void require_known(const CocoScores& scores, const std::string& annotations,
                   const EvaluationEvents& events) {
  if (scores.unknown_results > 0 && scores.unknown_results == scores.results) {
    throw Error({.code = "U002",
                 .found = "all results are of categories that the annotations do not have",
                 .where = {.file = annotations},
                 .expected = "annotations of the categories that were looked for"});
  }
  if (scores.unknown_results > 0) {
    tell(events.note, counted(scores.unknown_results, "result") +
                          " of categories that the annotations do not have; not counted");
  }
}

/// Adds how the results differ from those of the other file.
void compare_with_other(const DetectorEvaluation& options, const CocoAnnotations& annotations,
                        const EvaluationEvents& events, Evaluated& found) {
  const auto other = results_in(options.against, options, annotations, events);
  require_known(coco_scores(annotations, other, options.kind), options.annotations, events);
  found.difference = coco_difference(annotations, other, found.results, options.kind);
  found.kept = kept_of_results(other, found.results, options.kind);
}

}  // namespace

Evaluated evaluate_detector(const DetectorEvaluation& options, const EvaluationEvents& events) {
  const CocoAnnotations annotations = read_coco_annotations(options.annotations, options.kind);
  Answer curve(options.curve, options.overwrite);
  const std::vector<fs::path> pictures = plan_mistakes(options, annotations);
  const std::string& file = options.results.empty() ? options.model : options.results;
  Evaluated found;
  found.results = results_in(file, options, annotations, events);
  found.scores = coco_scores(annotations, found.results, options.kind);
  require_known(found.scores, options.annotations, events);
  if (found.scores.unknown_objects > 0) {
    tell(events.note, counted(found.scores.unknown_objects, "object") + " of categories that " +
                          options.annotations + " does not list; not counted, as in pycocotools");
  }
  if (!options.against.empty()) compare_with_other(options, annotations, events, found);
  std::vector<CocoPair> pairs;
  if (options.confusion || options.worst > 0) {
    pairs = coco_pairs(annotations, found.results, options.kind);
  }
  if (options.confusion) found.confusion = coco_confusion(annotations, pairs);
  curve.write(precision_recall_svg(found.scores));
  found.drawn = draw_mistakes(options, annotations, pairs, pictures);
  return found;
}

int run_evaluate_detector(const DetectorEvaluation& options, const Invocation& invocation) {
  std::optional<Progress> progress;
  std::size_t failed = 0;
  EvaluationEvents events;
  events.control.progress = [&](const Step& step) {
    if (step.index == 0) progress.emplace(step.count, invocation.quiet);
    progress->begin(step.name);
  };
  events.failed = [&](const std::string& line) {
    progress->hide();
    print_log("{}\n", printable(line, 9000));
    ++failed;
  };
  events.note = [&](const std::string& text) {
    if (progress) progress->hide();
    if (!invocation.quiet) print_log("note: {}\n", text);
  };
  const Evaluated found = evaluate_detector(options, events);
  if (progress) progress->hide();
  if (failed > 0)
    print_log("{} failed; their objects count as not found\n", counted(failed, "image"));
  print_answer("{}",
               options.json ? evaluation_json(found) : evaluation_text(found, options.against));
  if (!options.json) {
    for (const std::string& line : found.drawn) print_answer("{}\n", line);
  }
  return failed > 0 ? kSomeFailed : 0;
}

}  // namespace tv2onnx::cli
