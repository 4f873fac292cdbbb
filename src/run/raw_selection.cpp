#include "run/raw_selection.h"

#include <algorithm>
#include <cmath>

#include "run/raw_boxes.h"

namespace tv2onnx {
namespace {

struct Scored {
  std::size_t reference = 0;
  std::int64_t label = 0;
  float score = 0;
};

float sigmoid(float x) {
  return 1.0F / (1.0F + std::exp(-x));
}

/// A logit that has no chance to pass the threshold, so that most need no exponential.
float hopeless_logit(double score_thresh) {
  if (score_thresh <= 0) return std::numeric_limits<float>::lowest();
  constexpr double kMargin = 1e-3;
  const double odds = score_thresh / std::max(1 - score_thresh, 1e-12);
  return static_cast<float>(std::log(odds) - kMargin);
}

/// The best `count`, best first; of equal ones those that came first.
void keep_best(std::vector<Scored>& scored, std::int64_t count) {
  const auto kept = std::min(scored.size(), static_cast<std::size_t>(count));
  std::ranges::stable_sort(scored, std::ranges::greater(), &Scored::score);
  scored.resize(kept);
}

/// RetinaNet and FCOS: the best pairs of anchor and class of each map.
std::vector<Scored> best_of_levels(const RawOutputs& outputs, const RawModel& model) {
  const auto classes = static_cast<std::size_t>(model.classes);
  const auto threshold = static_cast<float>(model.selection.score_thresh);
  const bool centered = model.family == RawFamily::kFcos;
  // sqrt(a * b) with b at most 1 passes only if a passes the square.
  const double least = centered ? double{threshold} * threshold : threshold;
  const float hopeless = hopeless_logit(least);
  std::vector<Scored> all;
  std::size_t reference = 0;
  for (const std::size_t level : model.levels) {
    std::vector<Scored> found;
    for (const std::size_t end = reference + level; reference < end; ++reference) {
      const float center = centered ? sigmoid(outputs.centerness[reference]) : 1;
      for (std::size_t label = 0; label < classes; ++label) {
        const float logit = outputs.logits[reference * classes + label];
        if (logit < hopeless) continue;
        const float score = centered ? std::sqrt(sigmoid(logit) * center) : sigmoid(logit);
        if (score > threshold) {
          found.push_back({reference, static_cast<std::int64_t>(label), score});
        }
      }
    }
    keep_best(found, model.selection.topk_candidates);
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

/// softmax, in place
void normalise(std::span<float> row) {
  const float largest = *std::ranges::max_element(row);
  float sum = 0;
  for (float& value : row) sum += value = std::exp(value - largest);
  for (float& value : row) value /= sum;
}

/// SSD: the best boxes of each class; 0 is the background.
std::vector<Scored> best_of_classes(const RawOutputs& outputs, const RawModel& model) {
  const auto classes = static_cast<std::size_t>(model.classes);
  const auto threshold = static_cast<float>(model.selection.score_thresh);
  std::vector<std::vector<Scored>> found(classes);
  std::vector<float> row(classes);
  for (std::size_t reference = 0; reference < model.references.size(); ++reference) {
    std::ranges::copy(outputs.logits.subspan(reference * classes, classes), row.begin());
    normalise(row);
    for (std::size_t label = 1; label < classes; ++label) {
      if (row[label] > threshold) {
        found[label].push_back({reference, static_cast<std::int64_t>(label), row[label]});
      }
    }
  }
  std::vector<Scored> all;
  for (std::vector<Scored>& of_class : found) {
    keep_best(of_class, model.selection.topk_candidates);
    all.insert(all.end(), of_class.begin(), of_class.end());
  }
  return all;
}

Corners box_of(const Scored& scored, const RawOutputs& outputs, const RawModel& model,
               const ImageSize& size) {
  Corners deltas{};
  std::ranges::copy(outputs.deltas.subspan(4 * scored.reference, 4), deltas.begin());
  const Corners& reference = model.references[scored.reference];
  const Corners box = model.family == RawFamily::kFcos  ? decoded_distances(reference, deltas)
                      : model.family == RawFamily::kSsd ? decoded(reference, deltas, {10, 10, 5, 5})
                                                        : decoded(reference, deltas, {1, 1, 1, 1});
  return clipped(box, size);
}

}  // namespace

Detections select_detections(const RawOutputs& outputs, const RawModel& model,
                             const ImageSize& size, const ImageSize& original) {
  const std::vector<Scored> scored = model.family == RawFamily::kSsd
                                         ? best_of_classes(outputs, model)
                                         : best_of_levels(outputs, model);
  Detections candidates;
  for (const Scored& one : scored) {
    candidates.push_back({box_of(one, outputs, model, size), one.label, one.score});
  }
  Detections kept = suppressed(candidates, model.selection.nms_thresh,
                               static_cast<std::size_t>(model.selection.detections_per_img));
  // Factors as torchvision computes them, in float32.
  const auto ratio = [&](std::size_t axis) {
    return static_cast<float>(original[axis]) / static_cast<float>(size[axis]);
  };
  const Corners ratios{ratio(1), ratio(0), ratio(1), ratio(0)};
  for (Detection& detection : kept) {
    for (std::size_t k = 0; k < 4; ++k) detection.box[k] *= ratios[k];
  }
  return kept;
}

}  // namespace tv2onnx
