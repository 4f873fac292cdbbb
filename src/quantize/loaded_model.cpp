#include "quantize/loaded_model.h"

#include <utility>

namespace tv2onnx {
namespace {

void count_one(const Detector& original, const Detector& quantised, const Tensor& photo,
               Kept& kept) {
  const Detections expected = original.run(photo)[0];
  count_kept(expected, quantised.run(photo)[0], kept);
}

void count_one(const Classifier& original, const Classifier& quantised, const Tensor& photo,
               Kept& kept) {
  const std::int64_t expected = original.run(photo)[0].best.at(0).label;
  ++kept.confident;
  if (quantised.run(photo)[0].best.at(0).label == expected) ++kept.again;
}

void count_one(const Segmenter& original, const Segmenter& quantised, const Tensor& photo,
               Kept& kept) {
  const LabelMap expected = original.run(photo)[0];
  const LabelMap found = quantised.run(photo)[0];
  const auto labels = expected.labels.as<std::int32_t>();
  const auto others = found.labels.as<std::int32_t>();
  for (std::size_t k = 0; k < labels.size(); ++k) {
    ++kept.confident;
    if (labels[k] == others[k]) ++kept.again;
  }
}

}  // namespace

LoadedModel load_model(const std::filesystem::path& path, Task task,
                       const SessionOptions& options) {
  if (task == Task::kClassification) return Classifier(path, options);
  if (task == Task::kSegmentation) return Segmenter(path, options);
  return Detector(path, options);
}

LoadedModel loaded_like(const LoadedModel& original, Session session) {
  return std::visit(
      [&](const auto& one) -> LoadedModel {
        return std::decay_t<decltype(one)>(std::move(session), one.contract());
      },
      original);
}

bool can_be_quantised(Task task) {
  return task == Task::kDetection || task == Task::kClassification || task == Task::kSegmentation;
}

const Session& session_of(const LoadedModel& model) {
  return std::visit([](const auto& one) -> const Session& { return one.session(); }, model);
}

Tensor input_of(const LoadedModel& model, const Tensor& photo) {
  return std::visit([&](const auto& one) { return one.session_input(photo); }, model);
}

void count_kept(const LoadedModel& original, const LoadedModel& quantised, const Tensor& photo,
                Kept& kept) {
  std::visit(
      [&](const auto& one) {
        count_one(one, std::get<std::decay_t<decltype(one)>>(quantised), photo, kept);
      },
      original);
}

std::string_view counted_things(Task task) {
  if (task == Task::kClassification) return "photos (the same best class)";
  if (task == Task::kSegmentation) return "pixels (the same class)";
  return "detections with a score of at least 0.5 (same label, IoU 0.9)";
}

}  // namespace tv2onnx
