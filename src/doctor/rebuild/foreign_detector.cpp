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
};

Outputs sorted_out(const std::vector<Tensor>& results) {
  Outputs outputs;
  for (const Tensor& result : results) {
    const Shape& shape = result.shape;
    if (is_floating(result.dtype) && shape.size() == 2 && shape[1] == 4) {
      outputs.boxes.push_back(&result);
    } else if (is_floating(result.dtype) && shape.size() == 1) {
      outputs.scores.push_back(&result);
    } else if (result.dtype == DType::kInt64 && shape.size() == 1) {
      outputs.labels.push_back(&result);
    }
  }
  return outputs;
}

Detections detections_of(const Tensor& boxes, const Tensor& labels, const Tensor& scores) {
  const std::vector<float> corners = to_float(boxes);
  const std::vector<std::int64_t> classes = to_int64(labels);
  const std::vector<float> values = to_float(scores);
  Detections detections;
  for (std::size_t k = 0; k < std::min({corners.size() / 4, classes.size(), values.size()}); ++k) {
    detections.push_back(
        {{corners[4 * k], corners[4 * k + 1], corners[4 * k + 2], corners[4 * k + 3]},
         classes[k],
         values[k]});
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
}

std::int64_t ForeignDetector::batch() const {
  const Shape& shape = input().shape;
  return shape.size() == 4 && shape[0] > 0 ? shape[0] : 1;
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
    all.push_back(detections_of(*outputs.boxes[k], *outputs.labels[k], *outputs.scores[k]));
  }
  return all;
}

}  // namespace tv2onnx::doctor
