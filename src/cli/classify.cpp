// tv2onnx predict MODEL.onnx INPUT..., of classifiers.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/class_names.h"
#include "cli/detect_inputs.h"
#include "cli/detect_options.h"
#include "cli/paths.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "run/each_image.h"
#include "tv2onnx/classify.h"

namespace tv2onnx::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kSomeFailed = 3;
constexpr std::size_t kPathLimit = 4096;
constexpr std::size_t kNameLimit = 60;

/// The names of --class-names, one for each class of the model.
std::vector<std::string> names_for(const std::string& file, const Classifier& classifier) {
  const Contract& contract = classifier.contract();
  if (file.empty()) return contract.class_names;
  std::vector<std::string> names = read_class_names(file);
  const Shape& shape = classifier.session().outputs()[contract.answer.answer].shape;
  const bool stated = !contract.answer.labels && !shape.empty() && shape.back() > 0;
  const auto known = stated ? static_cast<std::size_t>(shape.back()) : contract.class_names.size();
  if (known == 0 || names.size() == known) return names;
  throw Error({.code = "U002",
               .found = fmt::format("the file has {}, the model {} classes",
                                    counted(names.size(), "class name"), known),
               .where = {.file = file},
               .expected = counted(known, "name")});
}

/// \throws Error U003 for options that only detectors have.
void require_sense(const DetectFlags& options) {
  for (const Argument* option : options.of_detectors) {
    if (option->count == 0) continue;
    throw Error({.code = "U003",
                 .found = fmt::format("{} has no meaning here", option->name()),
                 .where = {.file = options.model},
                 .expected = "a detector; the file is a classifier"});
  }
}

/// Widths of the first two columns.
struct Widths {
  std::size_t file = 5;
  std::size_t name = 5;
};

std::string shown(const fs::path& file) {
  return printable(file.string(), kPathLimit);
}

Widths widths_of(const std::vector<fs::path>& images, const std::vector<std::string>& names) {
  Widths widths;
  for (const fs::path& image : images) widths.file = std::max(widths.file, shown(image).size());
  for (const std::string& name : names) {
    widths.name = std::max(widths.name, printable(name, kNameLimit).size());
  }
  if (names.empty()) widths.name = 10;
  return widths;
}

std::string table_lines(const ClassifiedImage& image, const std::vector<std::string>& names,
                        const Widths& widths) {
  std::string lines;
  for (const ScoredClass& one : image.best) {
    lines +=
        fmt::format("{:<{}}  {:<{}}  {:.3f}\n", shown(image.file), widths.file,
                    printable(class_name(names, one.label), kNameLimit), widths.name, one.score);
  }
  return lines;
}

/// Runs the classifier; prints what it says if `print`, and errors in any case.
ClassifyReport classify_all(const Classifier& classifier, const std::vector<fs::path>& images,
                            ClassifyOptions options, bool print, const Invocation& invocation) {
  const Widths widths = widths_of(images, options.class_names);
  if (print) {
    print_answer("{:<{}}  {:<{}}  SCORE\n", "IMAGE", widths.file, "CLASS", widths.name);
  }
  std::set<std::string> hints;
  Progress progress(images.size(), invocation.quiet);
  options.control.progress = [&](const Step& step) { progress.begin(step.name); };
  options.classified = [&](const ClassifiedImage& image) {
    if (!image.error && !print) return;
    progress.hide();
    if (!image.error) {
      print_answer("{}", table_lines(image, options.class_names, widths));
      return;
    }
    print_log("{}\n", printable(error_line(image.file, *image.error), 9000));
    hints.insert(image.error->parts().hint);
  };
  ClassifyReport report = classify(classifier, images, options);
  progress.hide();
  for (const std::string& hint : hints) {
    if (!hint.empty()) print_log("hint: {}\n", printable(hint, 1000));
  }
  return report;
}

}  // namespace

int run_classify(const DetectFlags& options, const Invocation& invocation) {
  require_sense(options);
  require_file_name(options.folder, "-o", "drawn");
  const Images collected = collect_images(options.inputs, options.recursive);
  const Classifier classifier(options.model, options.session);
  ClassifyOptions core{.top = options.top.value_or(ClassifyOptions{}.top),
                       .image = options.core.image,
                       .class_names = names_for(options.class_names_file, classifier),
                       .overwrite = options.core.overwrite};
  if (!options.folder.empty()) {
    core.pictures = plan_pictures(collected.files, options.folder, core.overwrite);
  }
  require_other_file(options.json, "", core.pictures);
  if (!classifier.assumption().empty() && !invocation.quiet) {
    print_log("note: {}\n", printable(classifier.assumption(), 1000));
  }
  Answer json(options.json, core.overwrite);
  const ClassifyReport report =
      classify_all(classifier, collected.files, core, !json.wanted(), invocation);
  if (json.wanted()) json.write(to_json(report));
  for (const Error& problem : collected.problems) print_log("{}\n", problem.what());
  if (report.failed() > 0) {
    print_log("{} of {} images failed\n", report.failed(), collected.files.size());
  }
  return report.failed() > 0 || !collected.problems.empty() ? kSomeFailed : 0;
}

}  // namespace tv2onnx::cli
