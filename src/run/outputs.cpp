#include "run/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

[[noreturn]] void contradiction(const std::string& file, std::string found,
                                std::string expected = "") {
  if (expected.empty()) {
    expected = "as many labels and scores as boxes, for the images that were given";
  }
  throw Error({.code = "R007",
               .found = std::move(found),
               .where = {.file = file},
               .expected = std::move(expected)});
}

Tensor as_float32(const Tensor& tensor) {
  if (tensor.dtype == DType::kFloat32) return tensor;
  return make_tensor(tensor.shape, to_float(tensor));
}

/// The masks of all rows. A row is handed out as a view: masks of a whole image are large.
class Masks {
 public:
  Masks(const Tensor& output, std::size_t rows, const DetectionOutputs& meaning,
        const Extent& extent, const std::string& file)
      : all_(as_float32(output)) {
    if (all_.shape.size() < 3) refuse(output, rows, extent, file);
    // The axes of images, detections and the single channel are as good as one.
    const Shape side(all_.shape.end() - 2, all_.shape.end());
    all_.shape = {static_cast<std::int64_t>(rows), side[0], side[1]};
    const bool whole_image = side == Shape{extent.height, extent.width};
    pasted_ = meaning.masks_pasted.value_or(whole_image);
    const bool fits = pasted_ ? whole_image : side[0] == side[1];
    if (!fits || all_.size() != output.size()) refuse(output, rows, extent, file);
  }

  InstanceMask row(std::size_t k) const { return {part_of(all_, k), pasted_}; }

 private:
  [[noreturn]] static void refuse(const Tensor& output, std::size_t rows, const Extent& extent,
                                  const std::string& file) {
    contradiction(file,
                  fmt::format("masks of shape {} for {} detections in images of height {} and "
                              "width {}",
                              shape_text(output.shape), rows, extent.height, extent.width),
                  "a square of probabilities for each box, or masks of the size of the images");
  }

  Tensor all_;  ///< [rows, height, width]
  bool pasted_ = false;
};

/// The keypoints of all rows.
class Keypoints {
 public:
  Keypoints(const Tensor& points, const Tensor& scores, std::size_t rows, const std::string& file)
      : points_(to_float(points)), scores_(to_float(scores)) {
    const bool some = points.shape.size() >= 2 && points.shape.back() == 3;
    if (some) count_ = static_cast<std::size_t>(points.shape[points.shape.size() - 2]);
    if (some && points_.size() == 3 * rows * count_ && scores_.size() == rows * count_) return;
    contradiction(
        file,
        fmt::format("keypoints of shape {} and their scores of shape {} for {} detections",
                    shape_text(points.shape), shape_text(scores.shape), rows),
        "x, y, visibility and a score for each keypoint of each box");
  }

  std::vector<Keypoint> row(std::size_t k) const {
    std::vector<Keypoint> keypoints;
    for (std::size_t point = k * count_; point < (k + 1) * count_; ++point) {
      const float* values = points_.data() + 3 * point;
      keypoints.push_back({values[0], values[1], values[2], scores_[point]});
    }
    return keypoints;
  }

 private:
  std::vector<float> points_;
  std::vector<float> scores_;
  std::size_t count_ = 0;  ///< of one object
};

/// The outputs of one run, by meaning.
struct Outputs {
  std::vector<float> boxes;
  std::vector<std::int64_t> labels;
  std::vector<float> scores;
  std::vector<std::int64_t> places;  ///< num_detections or batch_index, may be empty
  std::optional<Masks> masks = {};
  std::optional<Keypoints> keypoints = {};

  Detection row(std::size_t k) const {
    Detection detection{
        {boxes[4 * k], boxes[4 * k + 1], boxes[4 * k + 2], boxes[4 * k + 3]}, labels[k], scores[k]};
    if (masks) detection.mask = masks->row(k);
    if (keypoints) detection.keypoints = keypoints->row(k);
    return detection;
  }
};

/// The contract may be the caller's own.
void require_outputs(std::size_t count, const DetectionOutputs& meaning, const std::string& file) {
  const std::size_t none = 0;
  const std::size_t highest =
      std::max({meaning.boxes, meaning.labels, meaning.scores, meaning.batch_index.value_or(none),
                meaning.num_detections.value_or(none), meaning.masks.value_or(none),
                meaning.keypoints.value_or(none), meaning.keypoints_scores.value_or(none)});
  if (highest < count && meaning.keypoints.has_value() <= meaning.keypoints_scores.has_value()) {
    return;
  }
  contradiction(file, fmt::format("{} outputs, and output {} is asked for", count, highest),
                "a contract that names outputs which the file has, keypoints with their scores");
}

Outputs read_outputs(const std::vector<Tensor>& results, const DetectionOutputs& meaning,
                     const Extent& extent, const std::string& file) {
  require_outputs(results.size(), meaning, file);
  Outputs outputs{to_float(results[meaning.boxes]),
                  to_int64(results[meaning.labels]),
                  to_float(results[meaning.scores]),
                  {}};
  const auto places = meaning.form == DetectionOutputs::Form::kBatched ? meaning.num_detections
                                                                       : meaning.batch_index;
  if (places) outputs.places = to_int64(results[*places]);
  const std::size_t rows = outputs.labels.size();
  if (outputs.boxes.size() != 4 * rows || outputs.scores.size() != rows) {
    contradiction(file, fmt::format("the outputs disagree: boxes {}, labels {}, scores {}",
                                    shape_text(results[meaning.boxes].shape),
                                    shape_text(results[meaning.labels].shape),
                                    shape_text(results[meaning.scores].shape)));
  }
  if (meaning.masks) outputs.masks.emplace(results[*meaning.masks], rows, meaning, extent, file);
  if (meaning.keypoints) {
    outputs.keypoints.emplace(results[*meaning.keypoints], results[*meaning.keypoints_scores], rows,
                              file);
  }
  return outputs;
}

void append_batched(const Outputs& outputs, std::int64_t batch, const std::string& file,
                    std::vector<Detections>& all) {
  const auto images = static_cast<std::size_t>(batch);
  const std::size_t rows = images == 0 ? 0 : outputs.labels.size() / images;
  if (outputs.places.size() != images || rows * images != outputs.labels.size()) {
    contradiction(file, fmt::format("results for {} images, but {} were given",
                                    outputs.places.size(), images));
  }
  for (std::size_t b = 0; b < images; ++b) {
    if (outputs.places[b] < 0 || static_cast<std::size_t>(outputs.places[b]) > rows) {
      contradiction(file, fmt::format("num_detections is {}, but there are {} rows",
                                      outputs.places[b], rows));
    }
    Detections& detections = all.emplace_back();
    const auto count = static_cast<std::size_t>(outputs.places[b]);
    for (std::size_t k = 0; k < count; ++k) detections.push_back(outputs.row(b * rows + k));
  }
}

void append_flat(const Outputs& outputs, bool indexed, std::int64_t batch, const std::string& file,
                 std::vector<Detections>& all) {
  const std::size_t first = all.size();
  all.resize(first + static_cast<std::size_t>(batch));
  if (indexed && outputs.places.size() != outputs.labels.size()) {
    contradiction(file, fmt::format("batch_index has {} entries for {} detections",
                                    outputs.places.size(), outputs.labels.size()));
  }
  for (std::size_t k = 0; k < outputs.labels.size(); ++k) {
    const std::int64_t image = indexed ? outputs.places[k] : 0;
    if (image < 0 || image >= batch) {
      contradiction(file, fmt::format("batch_index is {} for {} images", image, batch));
    }
    all[first + static_cast<std::size_t>(image)].push_back(outputs.row(k));
  }
}

}  // namespace

void append_detections(const std::vector<Tensor>& results, const DetectionOutputs& meaning,
                       const Extent& extent, const std::string& file,
                       std::vector<Detections>& all) {
  const Outputs outputs = read_outputs(results, meaning, extent, file);
  if (meaning.form == DetectionOutputs::Form::kBatched) {
    append_batched(outputs, extent.batch, file, all);
  } else {
    append_flat(outputs, meaning.batch_index.has_value(), extent.batch, file, all);
  }
}

}  // namespace tv2onnx
