// POST /predict: an image in, what was found out.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <string_view>

#include "base/text.h"
#include "serve/answers.h"
#include "tv2onnx/classify.h"
#include "tv2onnx/detect.h"
#include "tv2onnx/segment.h"

namespace tv2onnx::serve {
namespace {

using Clock = std::chrono::steady_clock;

void require_parameters(const HttpRequest& request, std::vector<std::string_view> known) {
  known.emplace_back("model");
  for (const std::string& name : request.parameters()) {
    if (std::ranges::find(known, name) != known.end()) continue;
    throw Error({.code = "U001",
                 .found = fmt::format("the parameter '{}'", printable(name)),
                 .expected = fmt::format("{}", fmt::join(known, ", "))});
  }
}

double number_parameter(const HttpRequest& request, std::string_view name, double least,
                        double most, double standard) {
  const std::string text = request.parameter(name);
  if (text.empty()) return standard;
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool good = problem == std::errc() && end == text.data() + text.size() && number >= least &&
                    number <= most;
  if (good) return number;
  throw Error({.code = "U002",
               .found = fmt::format("{}={}", name, printable(text)),
               .expected = fmt::format("a number from {} to {}", least, most)});
}

DetectOptions detect_options(const HttpRequest& request, const Contract& contract) {
  require_parameters(request, {"score", "mask_threshold", "mask_format"});
  DetectOptions options;
  options.score = number_parameter(request, "score", 0, 1, options.score);
  options.mask_threshold =
      number_parameter(request, "mask_threshold", 0, 1, options.mask_threshold);
  const std::string format = request.parameter("mask_format");
  if (format == "polygon") options.mask_format = MaskFormat::kPolygon;
  if (!format.empty() && format != "polygon" && format != "rle") {
    throw Error({.code = "U002",
                 .found = "mask_format=" + printable(format),
                 .expected = "rle or polygon"});
  }
  options.class_names = contract.class_names;
  return options;
}

/// What a client asked for and what the answer is made of.
struct Answered {
  const ServedModel& model;
  const HttpRequest& request;
  ImageSize size{};

  const Contract& contract() const { return contract_of(model.runner()); }
};

std::string report_of(const Detections& found, const Answered& answered) {
  const DetectOptions options = detect_options(answered.request, answered.contract());
  DetectReport report{.model = answered.model.name(),
                      .architecture = answered.contract().architecture,
                      .score = options.score,
                      .class_names = options.class_names,
                      .images = {}};
  report.images.push_back(found_image(found, answered.size, options));
  return to_json(report);
}

std::string report_of(const Classification& found, const Answered& answered) {
  const auto& classifier = std::get<Classifier>(answered.model.runner());
  const double top = number_parameter(answered.request, "top", 1, 100'000, 5);
  ClassifiedImage image{{}, answered.size[1], answered.size[0], found.best};
  image.best.resize(std::min(image.best.size(), static_cast<std::size_t>(top)));
  return to_json(ClassifyReport{.model = answered.model.name(),
                                .architecture = answered.contract().architecture,
                                .assumption = classifier.assumption(),
                                .class_names = answered.contract().class_names,
                                .images = {image}});
}

std::string report_of(const LabelMap& found, const Answered& answered) {
  const SegmentedImage image{{}, answered.size[1], answered.size[0], class_shares(found.labels)};
  return to_json(SegmentReport{.model = answered.model.name(),
                               .architecture = answered.contract().architecture,
                               .class_names = answered.contract().class_names,
                               .images = {image}});
}

std::string report_of(const std::vector<Tensor>& /*outputs*/, const Answered& /*answered*/) {
  throw Error({.code = "X001", .found = "outputs where an image's result was expected"});
}

/// What is wrong with the request is said before anything is decoded.
void check_parameters(const ServedModel& model, const HttpRequest& request) {
  const Contract& contract = contract_of(model.runner());
  switch (contract.task) {
    case Task::kDetection: detect_options(request, contract); break;
    case Task::kClassification: require_parameters(request, {"top"}); break;
    default: require_parameters(request, {}); break;
  }
}

}  // namespace

std::string predict(ServedModel& model, const HttpRequest& request, const AnswerLimits& limits) {
  check_parameters(model, request);
  Answered answered{model, request};
  ModelCounts& counts = model.counts();
  const Finished finished = model.batcher().run([&] {
    const auto start = Clock::now();
    const std::span<const char> body(request.body);
    Tensor image = decode_image(std::as_bytes(body), {.max_pixels = limits.max_pixels});
    answered.size = {image.shape[1], image.shape[2]};
    counts.input_us += microseconds(Clock::now() - start);
    return image;
  });
  count_run(counts, finished.times);
  const auto start = Clock::now();
  std::string text =
      std::visit([&](const auto& found) { return report_of(found, answered); }, finished.found);
  counts.output_us += microseconds(Clock::now() - start);
  return text;
}

}  // namespace tv2onnx::serve
