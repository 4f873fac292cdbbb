#include "run/runner.h"

namespace tv2onnx {

Runner load_runner(const std::filesystem::path& file, const SessionOptions& options) {
  switch (task_of_file(file)) {
    case Task::kDetection: return Detector(file, options);
    case Task::kClassification: return Classifier(file, options);
    case Task::kSegmentation: return Segmenter(file, options);
    case Task::kVideo: return VideoClassifier(file, options);
    case Task::kFlow: break;
  }
  return Flow(file, options);
}

const Contract& contract_of(const Runner& runner) {
  return std::visit([](const auto& model) -> const Contract& { return model.contract(); }, runner);
}

const Session& session_of(const Runner& runner) {
  return std::visit([](const auto& model) -> const Session& { return model.session(); }, runner);
}

Tensor session_input(const Runner& runner, const Tensor& images) {
  return std::visit([&](const auto& model) { return model.session_input(images); }, runner);
}

}  // namespace tv2onnx
