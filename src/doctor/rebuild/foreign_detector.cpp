#include "doctor/rebuild/foreign_detector.h"

#include <fmt/format.h>

#include <algorithm>

#include "tv2onnx/error.h"

namespace tv2onnx::doctor {
namespace {

/// Outputs by kind, in order: one of each for every image.
struct Outputs {
  std::vector<const Tensor*> boxes;
  std::vector<const Tensor*> labels;
  std::vector<const Tensor*> scores;
  std::vector<const Tensor*> masks;            ///< none in most models
  std::vector<const Tensor*> keypoints;        ///< likewise
  std::vector<const Tensor*> keypoint_scores;  ///< likewise
};

/// By type and shape: names and order are the exporting user's.
Outputs sorted_out(const std::vector<Tensor>& results) {
  Outputs outputs;
  for (const Tensor& result : results) {
    const std::size_t rank = result.shape.size();
    std::vector<const Tensor*>* kind = nullptr;
    if (result.dtype == DType::kInt64 && rank == 1) kind = &outputs.labels;
    if (is_floating(result.dtype) && rank == 1) kind = &outputs.scores;
    if (is_floating(result.dtype) && rank == 2) {
      kind = result.shape[1] == 4 ? &outputs.boxes : &outputs.keypoint_scores;
    }
    if (is_floating(result.dtype) && rank == 3) kind = &outputs.keypoints;
    if (is_floating(result.dtype) && rank == 4) kind = &outputs.masks;
    if (kind != nullptr) kind->push_back(&result);
  }
  return outputs;
}

Detections boxes_of(const Outputs& outputs, std::size_t image) {
  const std::vector<float> corners = to_float(*outputs.boxes[image]);
  const std::vector<std::int64_t> classes = to_int64(*outputs.labels[image]);
  const std::vector<float> values = to_float(*outputs.scores[image]);
  Detections detections;
  for (std::size_t k = 0; k < std::min({corners.size() / 4, classes.size(), values.size()}); ++k) {
    Detection& detection = detections.emplace_back();
    std::copy_n(corners.begin() + static_cast<std::ptrdiff_t>(4 * k), 4, detection.box.begin());
    detection.label = classes[k];
    detection.score = values[k];
  }
  return detections;
}

/// torch.onnx.export returns masks that are pasted into the image.
void add_masks(const Tensor& masks, Detections& detections) {
  const std::vector<float> all = to_float(masks);
  const Shape shape{masks.shape[2], masks.shape[3]};
  const auto area = static_cast<std::size_t>(element_count(shape));
  for (std::size_t k = 0; k < detections.size() && (k + 1) * area <= all.size(); ++k) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(k * area);
    const std::vector<float> own(begin, begin + static_cast<std::ptrdiff_t>(area));
    detections[k].mask = InstanceMask{make_tensor(shape, own), true};
  }
}

void add_keypoints(const Tensor& keypoints, const Tensor& scores, Detections& detections) {
  const std::vector<float> places = to_float(keypoints);
  const std::vector<float> values = to_float(scores);
  const auto count = static_cast<std::size_t>(keypoints.shape[1]);
  if (places.size() < detections.size() * count * 3 || values.size() < detections.size() * count) {
    return;
  }
  for (std::size_t k = 0; k < detections.size() * count; ++k) {
    detections[k / count].keypoints.push_back(
        {places[3 * k], places[3 * k + 1], places[3 * k + 2], values[k]});
  }
}

Detections detections_of(const Outputs& outputs, std::size_t image) {
  Detections detections = boxes_of(outputs, image);
  if (image < outputs.masks.size()) add_masks(*outputs.masks[image], detections);
  if (image < outputs.keypoints.size() && image < outputs.keypoint_scores.size()) {
    add_keypoints(*outputs.keypoints[image], *outputs.keypoint_scores[image], detections);
  }
  return detections;
}

}  // namespace

ForeignDetector::ForeignDetector(const std::filesystem::path& path) : session_(path, {}) {
  OnnxModel model = read_onnx_model(path);
  const std::optional<InputContract> contract = find_input_contract(View(model));
  if (session_.inputs().size() != 1 || !contract) {
    throw Error({.code = "R007",
                 .found = "the file takes no single image",
                 .where = {.file = session_.file()},
                 .expected = "one input, such as float32 [batch,3,height,width]"});
  }
  channel_axis_ = contract->channel_axis;
  preparation_ = preparation_for(contract);
  preparation_.bgr = false;  // whatever the order, both files get the same
}

std::int64_t ForeignDetector::batch() const {
  const Shape& shape = input().shape;
  if (shape.size() == 4 && shape[0] > 0) return shape[0];
  const auto labels = std::ranges::count_if(session_.outputs(), [](const PortInfo& output) {
    return output.dtype == DType::kInt64 && output.shape.size() == 1;
  });
  return std::max<std::int64_t>(1, labels);
}

std::optional<ImageSize> ForeignDetector::size() const {
  const std::size_t rank = input().shape.size();
  const std::size_t first = channel_axis_ + 1 == rank ? rank - 3 : rank - 2;
  const ImageSize size{input().shape[first], input().shape[first + 1]};
  return size[0] > 0 && size[1] > 0 ? std::optional(size) : std::nullopt;
}

std::vector<Detections> ForeignDetector::run(const Tensor& images) const {
  const Tensor x = prepared(images, input(), channel_axis_, preparation_);
  const std::vector<Tensor> results = session_.run({x});
  const Outputs outputs = sorted_out(results);
  const auto count = static_cast<std::size_t>(images.shape[0]);
  if (outputs.boxes.size() != count || outputs.labels.size() != count ||
      outputs.scores.size() != count) {
    throw Error(
        {.code = "R007",
         .found =
             fmt::format("{} outputs that are boxes, {} labels, {} scores, for {} "
                         "images",
                         outputs.boxes.size(), outputs.labels.size(), outputs.scores.size(), count),
         .where = {.file = session_.file()},
         .expected = "for each image boxes float [n,4], labels int64 [n], scores float [n]"});
  }
  std::vector<Detections> all;
  for (std::size_t k = 0; k < count; ++k) {
    all.push_back(detections_of(outputs, k));
  }
  return all;
}

}  // namespace tv2onnx::doctor
