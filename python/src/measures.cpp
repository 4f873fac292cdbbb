// Fewer bits, and how good a model is on labelled photos.

#include <filesystem>
#include <string>
#include <vector>

#include "bindings.h"
#include "cli/detect_inputs.h"
#include "cli/evaluate_detector.h"
#include "tv2onnx/classifier.h"
#include "tv2onnx/error.h"
#include "tv2onnx/evaluate.h"
#include "tv2onnx/quantize.h"
#include "tv2onnx/segmentation_scores.h"

namespace tv2onnx::python {
namespace {

/// The photos of files and folders. \throws Error for the first that is none.
std::vector<std::filesystem::path> photos_of(const std::vector<std::string>& paths) {
  const cli::Images images = cli::collect_images(paths, false);
  for (const Error& problem : images.problems) throw Error(problem);
  return images.files;
}

std::string quantize_json(const std::string& path, const std::vector<std::string>& images,
                          const std::string& out, const nb::dict& options,
                          const nb::object& progress) {
  QuantizeOptions taken = quantize_options(options);
  return without_gil(
      [&](const CallControl& control) {
        taken.control = control;
        return to_json(quantize(path, photos_of(images), out, taken));
      },
      progress);
}

/// Bytes of the file, and what stayed as it was.
nb::tuple convert_weights_of(const std::string& path, const std::string& out,
                             const nb::dict& options) {
  const QuantizeOptions taken = quantize_options(options);
  const Precision precision = precision_of(options);
  std::string note;
  const WriteReport written = without_gil(
      [&](const CallControl&) { return convert_weights(path, precision, out, taken.write, note); });
  return nb::make_tuple(written.model_bytes + written.data_bytes, note);
}

/// \param names of the classes; empty: the file's
std::string evaluate_classifier_json(const Classifier& classifier, const std::string& data,
                                     const std::vector<std::string>& names,
                                     const nb::object& progress) {
  const std::vector<std::string>& known = names.empty() ? classifier.contract().class_names : names;
  return without_gil(
      [&](const CallControl& control) {
        const LabelledImages labelled =
            labelled_images(data, known, static_cast<std::int64_t>(known.size()));
        return to_json(evaluate(classifier, labelled.images, {.control = control}));
      },
      progress);
}

/// The report, and how many photos have no label map. \param names of the classes; empty: the
/// file's
nb::tuple evaluate_segmenter_json(const Segmenter& segmenter, const std::string& photos,
                                  const std::string& labels, const std::vector<std::string>& names,
                                  bool resized, const nb::object& progress) {
  const std::vector<std::string>& known = names.empty() ? segmenter.contract().class_names : names;
  std::size_t unlabelled = 0;
  const std::string report = without_gil(
      [&](const CallControl& control) {
        const LabelledPhotos data = labelled_photos(photos, labels);
        unlabelled = data.unlabelled;
        return to_json(evaluate(segmenter, data.photos, {.resized = resized, .control = control}),
                       known);
      },
      progress);
  return nb::make_tuple(report, unlabelled);
}

/// The report, a line for each image that failed, notes, and a line for each picture.
nb::tuple evaluate_detector_json(const nb::dict& options, const nb::object& progress) {
  const cli::DetectorEvaluation taken = detector_evaluation(options);
  std::vector<std::string> failures;
  std::vector<std::string> notes;
  cli::EvaluationEvents events;
  events.failed = [&](const std::string& line) { failures.push_back(line); };
  events.note = [&](const std::string& text) { notes.push_back(text); };
  const cli::Evaluated found = without_gil(
      [&](const CallControl& control) {
        events.control = control;
        return cli::evaluate_detector(taken, events);
      },
      progress);
  return nb::make_tuple(cli::evaluation_json(found), failures, notes, found.drawn);
}

}  // namespace

void bind_measures(nb::module_& module) {
  module.def("quantize_json", &quantize_json, nb::arg("path"), nb::arg("images"), nb::arg("out"),
             nb::arg("options"), nb::arg("progress").none());
  module.def("convert_weights", &convert_weights_of, nb::arg("path"), nb::arg("out"),
             nb::arg("options"), "Bytes of the written file, and what stayed as it was.");
  module.def("evaluate_detector_json", &evaluate_detector_json, nb::arg("options"),
             nb::arg("progress").none());
  module.def("evaluate_classifier_json", &evaluate_classifier_json, nb::arg("classifier"),
             nb::arg("data"), nb::arg("names"), nb::arg("progress").none());
  module.def("evaluate_segmenter_json", &evaluate_segmenter_json, nb::arg("segmenter"),
             nb::arg("photos"), nb::arg("labels"), nb::arg("names"), nb::arg("resized"),
             nb::arg("progress").none());
}

}  // namespace tv2onnx::python
