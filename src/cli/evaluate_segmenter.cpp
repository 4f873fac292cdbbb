#include "cli/evaluate_segmenter.h"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/command.h"
#include "cli/listing.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "tv2onnx/detect.h"
#include "tv2onnx/error.h"
#include "tv2onnx/segmentation_scores.h"

namespace tv2onnx::cli {
namespace {

std::string percent(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f} %", 100 * *value) : "-";
}

std::string text_of(const SegmentationScores& scores, const std::vector<std::string>& names) {
  std::string text = fmt::format("{}, {} pixels with a class\n\n", counted(scores.images, "image"),
                                 scores.pixels());
  text += fmt::format("mean IoU        {:>8}\n", percent(scores.mean_iou()));
  text += fmt::format("pixel accuracy  {:>8}\n", percent(scores.accuracy()));
  text += fmt::format("mean accuracy   {:>8}\n", percent(scores.mean_accuracy()));
  std::vector<std::vector<std::string>> rows{{"CLASS", "PIXELS", "IOU", "ACCURACY"}};
  for (const ClassPixels& one : scores.classes) {
    rows.push_back({class_name(names, one.label), std::to_string(one.annotated), percent(one.iou()),
                    percent(one.accuracy())});
  }
  return text + "\n" + table_text(std::move(rows));
}

void say_left_out(const LabelledPhotos& data) {
  if (data.unlabelled == 0) return;
  print_log("note: {} without label map: not counted\n", counted(data.unlabelled, "photo"));
}

}  // namespace

int run_evaluate_segmenter(const SegmenterEvaluation& options, const SegmenterFiles& files,
                           const Invocation& invocation) {
  const LabelledPhotos data = labelled_photos(files.photos, options.labels);
  const Segmenter segmenter(files.model, files.session);
  const std::vector<std::string> names = class_names_for(
      files.class_names_file, segmenter.contract().class_names, segmenter.classes());
  if (!invocation.quiet) say_left_out(data);
  Progress progress(data.photos.size(), invocation.quiet);
  SegmentationOptions core{.resized = options.resized};
  core.control.progress = [&](const Step& step) { progress.begin(step.name); };
  const SegmentationScores scores = evaluate(segmenter, data.photos, core);
  progress.hide();
  for (const std::string& failure : scores.failures) print_log("{}\n", printable(failure, 9000));
  print_answer("{}", files.json ? to_json(scores, names) : text_of(scores, names));
  return scores.failures.empty() ? 0 : kSomeFailed;
}

}  // namespace tv2onnx::cli
