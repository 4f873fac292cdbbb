// tv2onnx predict MODEL.onnx INPUT..., of classifiers of images and of clips.

#include <fmt/format.h>

#include <functional>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/classify.h"
#include "cli/detect_inputs.h"
#include "cli/detect_options.h"
#include "cli/frame_inputs.h"
#include "cli/listing.h"
#include "cli/paths.h"
#include "cli/print.h"
#include "tv2onnx/classify.h"

namespace tv2onnx::cli {
namespace {

/// As many as the output has; 0: not known.
template <typename Model>
std::size_t classes_of(const Model& classifier) {
  const Contract& contract = classifier.contract();
  const Shape& shape = classifier.session().outputs()[contract.answer.answer].shape;
  const bool stated = !contract.answer.labels && !shape.empty() && shape.back() > 0;
  return stated ? static_cast<std::size_t>(shape.back()) : contract.class_names.size();
}

std::string class_lines(const ClassifiedImage& image, const std::vector<std::string>& names,
                        std::size_t file_width) {
  std::string lines;
  for (const ScoredClass& one : image.best) {
    lines += fmt::format("{:<{}}  {:<{}}  {:.3f}\n", shown_path(image.file), file_width,
                         shown_class(names, one.label), class_width(names), one.score);
  }
  return lines;
}

/// Runs the classifier; prints what it says if `print`, and errors in any case.
template <typename Model, typename Input, typename Path>
ClassifyReport classify_all(const Model& classifier, const std::vector<Input>& inputs,
                            ClassifyOptions options, bool print, const char* heading, Path path_of,
                            const Invocation& invocation) {
  const std::size_t width = path_width(inputs, 5, path_of);
  Listing listing(inputs.size(), print, invocation);
  listing.row(fmt::format("{:<{}}  {:<{}}  SCORE\n", heading, width, "CLASS",
                          class_width(options.class_names)));
  options.control.progress = [&](const Step& step) { listing.begin(step.name); };
  options.classified = [&](const ClassifiedImage& image) {
    listing.show(image, [&] { return class_lines(image, options.class_names, width); });
  };
  ClassifyReport report = classify(classifier, inputs, options);
  listing.end();
  return report;
}

template <typename Model>
ClassifyOptions core_of(const DetectFlags& options, const Model& classifier) {
  return {.top = options.top.value_or(ClassifyOptions{}.top),
          .image = options.core.image,
          .class_names = class_names_for(options.class_names_file,
                                         classifier.contract().class_names, classes_of(classifier)),
          .overwrite = options.core.overwrite};
}

/// Fewer frames, where the file takes fewer or the user wants it.
void choose_frames(std::vector<Clip>& clips, const DetectFlags& options,
                   const VideoClassifier& classifier, const Invocation& invocation) {
  const std::int64_t only = classifier.frames();
  const std::size_t most = options.frames > 0 ? options.frames
                           : only > 0         ? static_cast<std::size_t>(only)
                                              : 0;
  for (Clip& clip : clips) {
    const std::size_t all = clip.frames.size();
    if (most == 0 || all <= most) continue;
    clip.frames = spread_frames(clip, most);
    if (options.frames > 0 || invocation.quiet) continue;
    print_log("note: {}: {} of {} frames, evenly spread, as the file takes no other number\n",
              shown_path(clip.folder), most, all);
  }
}

}  // namespace

ClassifyOptions classify_options(const DetectFlags& options, const Classifier& classifier) {
  return core_of(options, classifier);
}

ClassifyOptions classify_options(const DetectFlags& options, const VideoClassifier& classifier) {
  return core_of(options, classifier);
}

int run_classify(const DetectFlags& options, const Invocation& invocation) {
  require_file_name(options.folder, "-o", "drawn");
  const Images collected = collect_images(options.inputs, options.recursive);
  const Classifier classifier(options.model, options.session);
  ClassifyOptions core = classify_options(options, classifier);
  if (!options.folder.empty()) {
    core.pictures = plan_pictures(collected.files, options.folder, core.overwrite);
  }
  require_other_file(options.json, "", core.pictures);
  if (!classifier.assumption().empty() && !invocation.quiet) {
    print_log("note: {}\n", printable(classifier.assumption(), 1000));
  }
  Answer json(options.json, core.overwrite);
  const ClassifyReport report = classify_all(classifier, collected.files, core, !json.wanted(),
                                             "IMAGE", std::identity(), invocation);
  if (json.wanted()) json.write(to_json(report));
  return finished(report.failed(), collected.files.size(), "images", collected.problems);
}

int run_clips(const DetectFlags& options, const Invocation& invocation) {
  require_file_name(options.folder, "-o", "drawn");
  Clips collected = collect_clips(options.inputs, options.recursive);
  const VideoClassifier classifier(options.model, options.session);
  ClassifyOptions core = classify_options(options, classifier);
  if (!options.folder.empty()) {
    core.pictures = plan_pictures(picture_names(collected.clips), options.folder, core.overwrite);
  }
  require_other_file(options.json, "", core.pictures);
  choose_frames(collected.clips, options, classifier, invocation);
  Answer json(options.json, core.overwrite);
  const ClassifyReport report = classify_all(classifier, collected.clips, core, !json.wanted(),
                                             "CLIP", &Clip::folder, invocation);
  if (json.wanted()) json.write(to_json(report));
  return finished(report.failed(), collected.clips.size(), "clips", collected.problems);
}

}  // namespace tv2onnx::cli
