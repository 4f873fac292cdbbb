#include "tv2onnx/segmentation_scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_text.h"
#include "run/each_image.h"
#include "tv2onnx/detect.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int32_t kNotCounted = 255;
constexpr std::int32_t kLargest = 65535;

std::optional<double> share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

/// Of the classes for which there is a figure.
std::optional<double> mean_of(const std::vector<ClassPixels>& classes,
                              std::optional<double> (ClassPixels::*figure)() const) {
  double sum = 0;
  std::size_t count = 0;
  for (const ClassPixels& one : classes) {
    const std::optional<double> value = (one.*figure)();
    if (!value) continue;
    sum += *value;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / static_cast<double>(count);
}

/// Which of `from` places Pillow's NEAREST takes each of `to` from: it adds up the steps.
std::vector<std::size_t> pillow_places(std::int64_t from, std::int64_t to) {
  const double step = static_cast<double>(from) / static_cast<double>(to);
  double place = step * 0.5;
  std::vector<std::size_t> places;
  for (std::int64_t k = 0; k < to; ++k) {
    places.push_back(std::min(static_cast<std::size_t>(place), static_cast<std::size_t>(from - 1)));
    place += step;
  }
  return places;
}

Tensor resized_as_pillow(const Tensor& labels, const Shape& size) {
  const std::vector<std::size_t> rows = pillow_places(labels.shape[0], size[0]);
  const std::vector<std::size_t> columns = pillow_places(labels.shape[1], size[1]);
  const auto from = labels.as<std::int32_t>();
  const auto stride = static_cast<std::size_t>(labels.shape[1]);
  std::vector<std::int32_t> resized;
  resized.reserve(rows.size() * columns.size());
  for (const std::size_t row : rows) {
    for (const std::size_t column : columns) resized.push_back(from[row * stride + column]);
  }
  return make_tensor(size, std::move(resized));
}

class Counter {
 public:
  /// \param classes of the model; 0: not known
  explicit Counter(std::size_t classes) : known_(classes) { grow(classes); }

  void add(const Tensor& annotated, const Tensor& found) {
    const auto wanted = annotated.as<std::int32_t>();
    const auto given = found.as<std::int32_t>();
    const auto [least, most] = std::ranges::minmax(given);
    if (least < 0 || most > kLargest || (known_ > 0 && most >= static_cast<std::int64_t>(known_))) {
      throw Error({.code = "R007", .found = fmt::format("class {} of the model", most)});
    }
    if (known_ == 0) grow(static_cast<std::size_t>(most) + 1);
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      if (!counts(wanted[k])) continue;
      ClassPixels& right = classes_[static_cast<std::size_t>(wanted[k])];
      ++right.annotated;
      ++classes_[static_cast<std::size_t>(given[k])].found;
      if (wanted[k] == given[k]) ++right.both;
    }
  }

  std::vector<ClassPixels> classes() && {
    if (known_ == 0) {
      std::erase_if(classes_,
                    [](const ClassPixels& one) { return one.annotated + one.found == 0; });
    }
    return std::move(classes_);
  }

 private:
  bool counts(std::int32_t label) {
    const auto number = static_cast<std::size_t>(label);
    if (known_ > 0 && number < known_) return true;
    if (label == kNotCounted) return false;
    if (known_ == 0) {
      grow(number + 1);
      return true;
    }
    throw Error(
        {.code = "U002",
         .found = fmt::format("class {}, where the model has {}", label, known_),
         .expected = fmt::format("0 to {}, or {} where nothing counts", known_ - 1, kNotCounted)});
  }

  void grow(std::size_t size) {
    for (std::size_t k = classes_.size(); k < size; ++k) {
      classes_.push_back({.label = static_cast<std::int64_t>(k)});
    }
  }

  std::size_t known_;
  std::vector<ClassPixels> classes_;
};

/// Labels of a photo, annotated and found, of one size.
std::pair<Tensor, Tensor> labels_of(const Segmenter& segmenter, const LabelledPhoto& one,
                                    const SegmentationOptions& options) {
  const Tensor photo = read_image(one.photo, options.image);
  Tensor annotated = read_label_map(one.labels);
  if (annotated.shape != Shape{photo.shape[1], photo.shape[2]}) {
    throw Error({.code = "R006",
                 .found = fmt::format("the label map has {}x{} pixels (height x width), the photo "
                                      "{}x{}",
                                      annotated.shape[0], annotated.shape[1], photo.shape[1],
                                      photo.shape[2])});
  }
  LabelMap map = segmenter.run(photo)[0];
  if (!options.resized) return {std::move(annotated), std::move(map.labels)};
  Tensor found = best_classes(map.logits);
  return {resized_as_pillow(annotated, found.shape), std::move(found)};
}

/// The photo, unless the error names another file.
std::filesystem::path file_of(const Error& error, const LabelledPhoto& one) {
  const std::string& file = error.parts().where.file;
  return file.empty() ? one.photo : std::filesystem::path(file);
}

Json number_or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

}  // namespace

std::optional<double> ClassPixels::iou() const {
  return share(both, annotated + found - both);
}

std::optional<double> ClassPixels::accuracy() const {
  return share(both, annotated);
}

std::uint64_t SegmentationScores::pixels() const {
  std::uint64_t sum = 0;
  for (const ClassPixels& one : classes) sum += one.annotated;
  return sum;
}

std::optional<double> SegmentationScores::accuracy() const {
  std::uint64_t right = 0;
  for (const ClassPixels& one : classes) right += one.both;
  return share(right, pixels());
}

std::optional<double> SegmentationScores::mean_accuracy() const {
  return mean_of(classes, &ClassPixels::accuracy);
}

std::optional<double> SegmentationScores::mean_iou() const {
  return mean_of(classes, &ClassPixels::iou);
}

SegmentationScores evaluate(const Segmenter& segmenter, const std::vector<LabelledPhoto>& photos,
                            const SegmentationOptions& options) {
  if (options.resized && segmenter.contract().answer.mode != OutputMode::kLogits) {
    throw Error({.code = "U003",
                 .found = "the file gives labels of the photo's own pixels only",
                 .where = {.file = segmenter.session().file(), .item = "--resize-labels"},
                 .expected = "a file exported with --outputs logits"});
  }
  SegmentationScores scores{.model = segmenter.session().file(), .classes = {}, .failures = {}};
  Counter counter(segmenter.classes());
  for (std::size_t k = 0; k < photos.size(); ++k) {
    const std::string name = photos[k].photo.string();
    begin_step(options.control, {name, k, photos.size()});
    try {
      const auto [annotated, found] = labels_of(segmenter, photos[k], options);
      counter.add(annotated, found);
      ++scores.images;
    } catch (const Error& error) {
      if (error.code() == "U002") throw error.in_file(photos[k].labels.string());
      if (!concerns_one_image(error.code())) throw error.in_file(scores.model);
      scores.failures.push_back(error_line(file_of(error, photos[k]), error));
    }
  }
  scores.classes = std::move(counter).classes();
  return scores;
}

std::string to_json(const SegmentationScores& scores, const std::vector<std::string>& names) {
  Json classes = Json::array();
  for (const ClassPixels& one : scores.classes) {
    classes.push_back({{"class", class_name(names, one.label)},
                       {"label", one.label},
                       {"pixels", one.annotated},
                       {"found", one.found},
                       {"both", one.both},
                       {"iou", number_or_null(one.iou())},
                       {"accuracy", number_or_null(one.accuracy())}});
  }
  return json_text({{"model", scores.model},
                    {"task", "segmentation"},
                    {"images", scores.images},
                    {"pixels", scores.pixels()},
                    {"mean_iou", number_or_null(scores.mean_iou())},
                    {"accuracy", number_or_null(scores.accuracy())},
                    {"mean_accuracy", number_or_null(scores.mean_accuracy())},
                    {"classes", std::move(classes)},
                    {"failures", scores.failures}}) +
         "\n";
}

}  // namespace tv2onnx
