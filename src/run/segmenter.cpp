#include "tv2onnx/segmenter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "image/label_tensor.h"
#include "run/answer_file.h"
#include "run/open_session.h"
#include "run/prepare.h"
#include "tv2onnx/detect.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

/// [1, ...] of a batch, with its own bytes.
Tensor copy_of(const Tensor& results, std::size_t image) {
  return contiguous(part_of(results, image));
}

Tensor as_int32(const Tensor& labels) {
  const std::vector<std::int64_t> numbers = to_int64(labels);
  return make_tensor(labels.shape, std::vector<std::int32_t>(numbers.begin(), numbers.end()));
}

/// Which of `from` places each of `to` is taken from: in float32, as Resize in the graph does it.
std::vector<std::size_t> nearest_places(std::int64_t from, std::int64_t to) {
  const float scale = static_cast<float>(to) / static_cast<float>(from);
  std::vector<std::size_t> places(static_cast<std::size_t>(to));
  for (std::size_t k = 0; k < places.size(); ++k) {
    const float place = std::floor(static_cast<float>(k) / scale);
    places[k] = std::min(static_cast<std::size_t>(place), static_cast<std::size_t>(from - 1));
  }
  return places;
}

void require_pixels(std::int64_t height, std::int64_t width) {
  if (height > 0 && width > 0 && height <= kMaxPixels / width) return;
  throw Error({.code = "I003",
               .found = fmt::format("a label map of height {} and width {}", height, width),
               .expected = fmt::format("1 to {} pixels", kMaxPixels)});
}

LabelMap label_map_of(const std::vector<Tensor>& results, const Session& session,
                      const AnswerOutputs& outputs, std::size_t image) {
  const Tensor& answer = results[outputs.answer];
  if (outputs.mode == OutputMode::kLabels) {
    require_shape(answer, {-1, -1, -1}, session);
    return {.labels = as_int32(part_of(answer, image))};
  }
  require_shape(answer, {-1, -1, -1, -1}, session);
  LabelMap map{.labels = best_classes(part_of(answer, image)), .logits = copy_of(answer, image)};
  if (outputs.aux) map.aux = copy_of(results[*outputs.aux], image);
  return map;
}

}  // namespace

Segmenter::Segmenter(const std::filesystem::path& model, const SessionOptions& options)
    : Segmenter(open_session(model, options), {}) {}

Segmenter::Segmenter(Session session, Contract contract)
    : session_(std::move(session)), contract_(std::move(contract)) {
  require_answers(session_, contract_, Task::kSegmentation);
  require_runnable(session_, contract_);
}

std::string Segmenter::name(std::int64_t label) const {
  return class_name(contract_.class_names, label);
}

std::size_t Segmenter::classes() const {
  const Shape& shape = session_.outputs()[contract_.answer.answer].shape;
  const bool stated =
      contract_.answer.mode == OutputMode::kLogits && shape.size() == 4 && shape[1] > 0;
  return stated ? static_cast<std::size_t>(shape[1]) : contract_.class_names.size();
}

Tensor Segmenter::session_input(const Tensor& images) const {
  return prepared_photos(images, contract_, session_.file());
}

std::vector<LabelMap> Segmenter::run(const Tensor& images) const {
  std::vector<LabelMap> all;
  const Tensor input = session_input(images);
  const Extent extent = extent_of(images);
  run_images(session_, contract_, input, extent.batch,
             [&](const std::vector<Tensor>& results, std::size_t image) {
               LabelMap map = label_map_of(results, session_, contract_.answer, image);
               map.labels = resized_labels(map.labels, extent.height, extent.width);
               all.push_back(std::move(map));
             });
  return all;
}

Tensor best_classes(const Tensor& logits) {
  if (logits.dtype != DType::kFloat32 || logits.shape.size() != 3 || logits.size() <= 0) {
    throw Error(
        {.code = "R006",
         .found = fmt::format("{} of {}", dtype_name(logits.dtype), shape_text(logits.shape)),
         .expected = "float32 [classes, height, width] of logits"});
  }
  const auto classes = static_cast<std::size_t>(logits.shape[0]);
  const auto area = static_cast<std::size_t>(logits.shape[1] * logits.shape[2]);
  const std::vector<float> scores = to_float(logits);
  std::vector<std::int32_t> labels(area, 0);
  std::vector<float> best(scores.begin(), scores.begin() + static_cast<std::ptrdiff_t>(area));
  for (std::size_t c = 1; c < classes; ++c) {
    const float* plane = scores.data() + c * area;
    for (std::size_t k = 0; k < area; ++k) {
      if (plane[k] <= best[k]) continue;
      best[k] = plane[k];
      labels[k] = static_cast<std::int32_t>(c);
    }
  }
  return make_tensor({logits.shape[1], logits.shape[2]}, std::move(labels));
}

Tensor resized_labels(const Tensor& labels, std::int64_t height, std::int64_t width) {
  require_labels(labels);
  require_pixels(height, width);
  if (labels.shape == Shape{height, width}) return labels;
  const std::vector<std::size_t> rows = nearest_places(labels.shape[0], height);
  const std::vector<std::size_t> columns = nearest_places(labels.shape[1], width);
  const auto from = labels.as<std::int32_t>();
  const auto stride = static_cast<std::size_t>(labels.shape[1]);
  std::vector<std::int32_t> resized;
  resized.reserve(rows.size() * columns.size());
  for (const std::size_t row : rows) {
    for (const std::size_t column : columns) resized.push_back(from[row * stride + column]);
  }
  return make_tensor({height, width}, std::move(resized));
}

}  // namespace tv2onnx
