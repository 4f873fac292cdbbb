#include "verify/recorded_detections.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// The arrays of one image in one precision.
class Arrays {
 public:
  Arrays(const Checkpoint& file, const std::string& image, DType precision)
      : file_(file), image_(image), precision_(precision) {}

  std::string name(const char* array) const {
    return fmt::format("{}/{}{}", image_, array, precision_ == DType::kFloat64 ? "64" : "");
  }
  bool has(const char* array) const { return file_.find(name(array)) != nullptr; }
  /// An array of this shape, where -1 means any number.
  const Tensor& get(const char* array, DType dtype, Shape shape) const {
    const std::string full_name = name(array);
    const Tensor& tensor = recorded_array(file_, full_name);
    const bool fits = tensor.dtype == dtype &&
                      std::ranges::equal(shape, tensor.shape, [](auto wanted, auto found) {
                        return wanted < 0 || wanted == found;
                      });
    if (fits) return tensor;
    std::string expected = fmt::format("{} {}", dtype_name(dtype), shape_text(shape));
    refuse_array(file_,
                 fmt::format("an array of type {} and shape {}", dtype_name(tensor.dtype),
                             shape_text(tensor.shape)),
                 full_name, std::move(expected));
  }
  const Tensor& reals(const char* array, Shape shape) const {
    return get(array, precision_, std::move(shape));
  }

 private:
  const Checkpoint& file_;
  const std::string& image_;
  DType precision_;
};

void read_masks(const Arrays& arrays, Detections& detections) {
  const auto count = static_cast<std::int64_t>(detections.size());
  const Tensor& masks = arrays.reals("masks", {count, -1, -1});
  const Tensor all = make_tensor(masks.shape, to_float(masks));  // aligned and float32
  for (std::size_t k = 0; k < detections.size(); ++k) detections[k].mask = {part_of(all, k), false};
}

void read_keypoints(const Arrays& arrays, Detections& detections) {
  const auto count = static_cast<std::int64_t>(detections.size());
  const Tensor& points = arrays.reals("keypoints", {count, -1, 3});
  const std::int64_t each = points.shape[1];
  const std::vector<float> values = to_float(points);
  const std::vector<float> scores = to_float(arrays.reals("keypoints_scores", {count, each}));
  for (std::size_t k = 0; k < scores.size(); ++k) {
    detections[k / static_cast<std::size_t>(each)].keypoints.push_back(
        {values[3 * k], values[3 * k + 1], values[3 * k + 2], scores[k]});
  }
}

}  // namespace

void refuse_array(const Checkpoint& file, std::string found, const std::string& name,
                  std::string expected) {
  throw Error({.code = "V002",
               .found = std::move(found),
               .where = {.file = file.file, .offset = {}, .item = printable(name)},
               .expected = std::move(expected),
               .hint = "record it again with scripts/record_reference.py"});
}

const Tensor& recorded_array(const Checkpoint& file, const std::string& name) {
  const Tensor* tensor = file.find(name);
  if (tensor != nullptr) return *tensor;
  refuse_array(file, "an array is missing", name, "boxes, labels and scores of every image");
}

Detections recorded_detections(const Checkpoint& file, const std::string& image, DType precision) {
  const Arrays arrays(file, image, precision);
  const std::vector<float> sides = to_float(arrays.reals("boxes", {-1, 4}));
  const auto count = static_cast<std::int64_t>(sides.size() / 4);
  const std::vector<std::int64_t> labels = to_int64(arrays.get("labels", DType::kInt64, {count}));
  const std::vector<float> scores = to_float(arrays.reals("scores", {count}));
  Detections detections(labels.size());
  for (std::size_t k = 0; k < detections.size(); ++k) {
    std::copy_n(sides.begin() + static_cast<std::ptrdiff_t>(4 * k), 4, detections[k].box.begin());
    detections[k].label = labels[k];
    detections[k].score = scores[k];
  }
  if (arrays.has("masks")) read_masks(arrays, detections);
  if (arrays.has("keypoints")) read_keypoints(arrays, detections);
  return detections;
}

}  // namespace tv2onnx
