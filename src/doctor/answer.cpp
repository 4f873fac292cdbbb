#include "doctor/answer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tv2onnx/error.h"

namespace tv2onnx::doctor {

Answer answer_of(const Detector& detector, const Tensor& images, const Preparation& preparation) {
  const Tensor input = prepare(images, detector.contract().input, preparation);
  try {
    return {detector.session().run({input}), ""};
  } catch (const Error& error) {
    const auto& parts = error.parts();
    return {{}, fmt::format("{}\n{}", parts.found, fmt::join(parts.details, "\n"))};
  }
}

Preparation meant_for(const Detector& detector) {
  return trained_preparation_for(detector.contract().input);
}

bool understood(const Detector& detector) {
  const DetectionOutputs::Form form = detector.contract().outputs.form;
  return form == DetectionOutputs::Form::kBatched || form == DetectionOutputs::Form::kFlat;
}

std::vector<float> scores_of(const Detector& detector, const Answer& answer) {
  if (!understood(detector) || !answer.failure.empty()) return {};
  std::vector<float> scores = to_float(answer.outputs[detector.contract().outputs.scores]);
  std::erase(scores, 0.0F);  // unused rows
  return scores;
}

std::vector<float> boxes_of(const Detector& detector, const Answer& answer) {
  if (!understood(detector) || !answer.failure.empty()) return {};
  return to_float(answer.outputs[detector.contract().outputs.boxes]);
}

}  // namespace tv2onnx::doctor
