#include "run/raw_boxes.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tv2onnx {
namespace {

const auto kMaxLogScale = static_cast<float>(std::log(1000.0 / 16));
constexpr std::size_t kMaxCandidatesForOffsets = 1000;

float area(const Corners& box) {
  return (box[2] - box[0]) * (box[3] - box[1]);
}

bool overlap(const Corners& a, const Corners& b, double threshold) {
  const float width = std::max(0.0F, std::min(a[2], b[2]) - std::max(a[0], b[0]));
  const float height = std::max(0.0F, std::min(a[3], b[3]) - std::max(a[1], b[1]));
  const float common = width * height;
  return common / (area(a) + area(b) - common) > threshold;
}

/// The boxes that batched_nms compares. Up to 1000 of them it moves each label to a place of its
/// own; labels are kept apart here anyway, but adding the offset rounds coordinates.
std::vector<Corners> compared_boxes(const Detections& candidates) {
  std::vector<Corners> boxes;
  float largest = 0;
  for (const Detection& candidate : candidates) {
    boxes.push_back(candidate.box);
    largest = std::max(largest, *std::ranges::max_element(candidate.box));
  }
  if (boxes.size() > kMaxCandidatesForOffsets) return boxes;
  for (std::size_t k = 0; k < boxes.size(); ++k) {
    const float offset = static_cast<float>(candidates[k].label) * (largest + 1.0F);
    for (float& corner : boxes[k]) corner += offset;
  }
  return boxes;
}

}  // namespace

Corners decoded(const Corners& reference, const Corners& deltas, const Corners& weights) {
  Corners box{};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const float size = reference[axis + 2] - reference[axis];
    const float center = reference[axis] + 0.5F * size;
    const float new_center = deltas[axis] / weights[axis] * size + center;
    const float log_scale = std::min(deltas[axis + 2] / weights[axis + 2], kMaxLogScale);
    const float half = 0.5F * (std::exp(log_scale) * size);
    box[axis] = new_center - half;
    box[axis + 2] = new_center + half;
  }
  return box;
}

Corners decoded_distances(const Corners& reference, const Corners& distances) {
  Corners box{};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const float center = 0.5F * (reference[axis] + reference[axis + 2]);
    const float size = reference[axis + 2] - reference[axis];
    box[axis] = center - distances[axis] * size;
    box[axis + 2] = center + distances[axis + 2] * size;
  }
  return box;
}

Corners clipped(const Corners& box, const ImageSize& size) {
  const auto height = static_cast<float>(size[0]);
  const auto width = static_cast<float>(size[1]);
  return {std::clamp(box[0], 0.0F, width), std::clamp(box[1], 0.0F, height),
          std::clamp(box[2], 0.0F, width), std::clamp(box[3], 0.0F, height)};
}

Detections suppressed(const Detections& candidates, double iou_threshold, std::size_t limit) {
  const std::vector<Corners> boxes = compared_boxes(candidates);
  std::vector<std::size_t> order(candidates.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](std::size_t k) { return candidates[k].score; });
  std::vector<std::size_t> kept;
  for (const std::size_t k : order) {
    const bool free = std::ranges::none_of(kept, [&](std::size_t better) {
      return candidates[better].label == candidates[k].label &&
             overlap(boxes[better], boxes[k], iou_threshold);
    });
    if (free) kept.push_back(k);
    if (kept.size() == limit) break;
  }
  Detections survivors;
  for (const std::size_t k : kept) survivors.push_back(candidates[k]);
  return survivors;
}

}  // namespace tv2onnx
