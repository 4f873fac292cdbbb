// Detections as tensors and back.

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "base/text.h"
#include "tv2onnx/error.h"
#include "tv2onnx/reference.h"

namespace tv2onnx {
namespace {

[[noreturn]] void refuse(std::string found, const std::string& name, std::string expected) {
  throw Error({.code = "V002",
               .found = std::move(found),
               .where = {.item = name},
               .expected = std::move(expected),
               .hint = "record it again with scripts/record_reference.py"});
}

/// The tensors of one precision, or of what ties decide.
class Tensors {
 public:
  Tensors(const NamedTensors& all, std::string prefix, DType precision)
      : all_(all), prefix_(std::move(prefix)), precision_(precision) {}

  /// Null if there is none.
  const Tensor* find(const char* name) const {
    const auto found = all_.find(full(name));
    return found != all_.end() ? &found->second : nullptr;
  }
  /// A tensor of this shape, where -1 means any number.
  const Tensor& get(const char* name, DType dtype, const Shape& shape) const {
    const Tensor* tensor = find(name);
    if (tensor == nullptr) {
      refuse("an array is missing", full(name), "boxes, labels and scores of every image");
    }
    const bool fits = tensor->dtype == dtype &&
                      std::ranges::equal(shape, tensor->shape, [](auto wanted, auto found) {
                        return wanted < 0 || wanted == found;
                      });
    if (fits) return *tensor;
    refuse(fmt::format("an array of type {} and shape {}", dtype_name(tensor->dtype),
                       shape_text(tensor->shape)),
           full(name), fmt::format("{} {}", dtype_name(dtype), shape_text(shape)));
  }
  const Tensor& reals(const char* name, const Shape& shape) const {
    return get(name, precision_, shape);
  }

 private:
  std::string full(const char* name) const {
    return prefix_ + name + (precision_ == DType::kFloat64 ? "64" : "");
  }
  const NamedTensors& all_;
  std::string prefix_;
  DType precision_;
};

void read_masks(const Tensors& tensors, bool pasted, Detections& detections) {
  const auto count = static_cast<std::int64_t>(detections.size());
  const Tensor& masks = tensors.reals(pasted ? "pasted_masks" : "masks", {count, -1, -1});
  const Tensor all = make_tensor(masks.shape, to_float(masks));  // aligned and float32
  for (std::size_t k = 0; k < detections.size(); ++k) {
    detections[k].mask = {part_of(all, k), pasted};
  }
}

void read_keypoints(const Tensors& tensors, Detections& detections) {
  const auto count = static_cast<std::int64_t>(detections.size());
  const Tensor& points = tensors.reals("keypoints", {count, -1, 3});
  const std::int64_t each = points.shape[1];
  const std::vector<float> values = to_float(points);
  const std::vector<float> scores = to_float(tensors.reals("keypoints_scores", {count, each}));
  for (std::size_t k = 0; k < scores.size(); ++k) {
    detections[k / static_cast<std::size_t>(each)].keypoints.push_back(
        {values[3 * k], values[3 * k + 1], values[3 * k + 2], scores[k]});
  }
}

Detections read_detections(const Tensors& tensors) {
  const std::vector<float> sides = to_float(tensors.reals("boxes", {-1, 4}));
  const auto count = static_cast<std::int64_t>(sides.size() / 4);
  const std::vector<std::int64_t> labels = to_int64(tensors.get("labels", DType::kInt64, {count}));
  const std::vector<float> scores = to_float(tensors.reals("scores", {count}));
  Detections detections(labels.size());
  for (std::size_t k = 0; k < detections.size(); ++k) {
    std::copy_n(sides.begin() + static_cast<std::ptrdiff_t>(4 * k), 4, detections[k].box.begin());
    detections[k].label = labels[k];
    detections[k].score = scores[k];
  }
  for (const bool pasted : {false, true}) {
    if (tensors.find(pasted ? "pasted_masks" : "masks") != nullptr) {
      read_masks(tensors, pasted, detections);
    }
  }
  if (tensors.find("keypoints") != nullptr) read_keypoints(tensors, detections);
  return detections;
}

/// [m, ...]: the values that `append` gives for each detection, one after the other.
template <typename T, typename Append>
Tensor stacked(const Detections& detections, const Shape& each, Append append) {
  Shape shape{static_cast<std::int64_t>(detections.size())};
  shape.insert(shape.end(), each.begin(), each.end());
  std::vector<T> values;
  values.reserve(static_cast<std::size_t>(element_count(shape)));
  for (const Detection& one : detections) append(one, values);
  return make_tensor(std::move(shape), std::move(values));
}

/// All have what the first has: else they are not of one image of one model.
void require_like_first(const Detections& detections) {
  const Detection& first = detections.front();
  const auto like_first = [&](const Detection& one) {
    const bool mask =
        one.mask.has_value() == first.mask.has_value() &&
        (!one.mask || (one.mask->pasted == first.mask->pasted &&
                       one.mask->probabilities.shape == first.mask->probabilities.shape));
    return mask && one.keypoints.size() == first.keypoints.size();
  };
  if (std::ranges::all_of(detections, like_first)) return;
  refuse("detections of one image with masks or keypoints of several kinds", "masks, keypoints",
         "each detection with a mask of the same shape and as many keypoints, or none");
}

void add_parts(const Detections& detections, NamedTensors& tensors) {
  require_like_first(detections);
  const Detection& first = detections.front();
  if (first.mask) {
    tensors[first.mask->pasted ? "pasted_masks" : "masks"] = stacked<float>(
        detections, first.mask->probabilities.shape, [](const Detection& one, auto& values) {
          const std::vector<float> mask = to_float(one.mask->probabilities);
          values.insert(values.end(), mask.begin(), mask.end());
        });
  }
  const auto points = static_cast<std::int64_t>(first.keypoints.size());
  if (points == 0) return;
  tensors["keypoints"] =
      stacked<float>(detections, {points, 3}, [](const Detection& one, auto& values) {
        for (const Keypoint& point : one.keypoints) {
          values.insert(values.end(), {point.x, point.y, point.visibility});
        }
      });
  tensors["keypoints_scores"] =
      stacked<float>(detections, {points}, [](const Detection& one, auto& values) {
        for (const Keypoint& point : one.keypoints) values.push_back(point.score);
      });
}

}  // namespace

RecordedDetections detections_of(const NamedTensors& tensors) {
  const Tensors single(tensors, "", DType::kFloat32);
  const Tensors precise(tensors, "", DType::kFloat64);
  const Tensors tied(tensors, "tied/", DType::kFloat32);
  RecordedDetections result{.detections = read_detections(single)};
  if (precise.find("boxes") != nullptr) result.precise = read_detections(precise);
  if (tied.find("boxes") != nullptr) result.tied = read_detections(tied);
  return result;
}

NamedTensors tensors_of(const Detections& detections) {
  NamedTensors tensors;
  tensors["boxes"] = stacked<float>(detections, {4}, [](const Detection& one, auto& values) {
    values.insert(values.end(), one.box.begin(), one.box.end());
  });
  tensors["labels"] = stacked<std::int64_t>(
      detections, {}, [](const Detection& one, auto& values) { values.push_back(one.label); });
  tensors["scores"] = stacked<float>(
      detections, {}, [](const Detection& one, auto& values) { values.push_back(one.score); });
  if (!detections.empty()) add_parts(detections, tensors);
  return tensors;
}

}  // namespace tv2onnx
