#pragma once
// A foreign file under trial in ONNX Runtime: what it takes, what it answers.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "doctor/preparation.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/runtime.h"
#include "tv2onnx/verify.h"

namespace tv2onnx::doctor {

struct Answer {
  std::vector<Tensor> outputs;
  std::string failure;  ///< the runtime's message, or ""
};

class Subject {
 public:
  /// \throws Error as Session; R007 (not one image of three channels as input).
  Subject(const std::filesystem::path& path, std::optional<InputContract> contract);

  const PortInfo& port() const { return session_.inputs()[0]; }
  const InputContract& contract() const { return *contract_; }
  /// Meaning of the outputs; nullopt: not understood, so they are counted but not judged.
  const std::optional<DetectorContract>& outputs() const { return outputs_; }
  Preparation preparation() const { return preparation_for(contract_); }
  bool takes_batches() const { return port().shape.size() == 4; }
  /// Height and width, if the file takes only those.
  std::optional<ImageSize> fixed_size() const;

  /// Runs it on uint8 [n, height, width, 3] RGB.
  Answer run(const Tensor& images, const Preparation& preparation) const;

  /// Of all detections; empty if the run failed or outputs() are not understood.
  std::vector<float> scores(const Answer& answer) const;
  std::vector<float> boxes(const Answer& answer) const;

 private:
  Session session_;
  std::optional<InputContract> contract_;
  std::optional<DetectorContract> outputs_;
};

}  // namespace tv2onnx::doctor
