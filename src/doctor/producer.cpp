#include "doctor/producer.h"

#include <fmt/format.h>

#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx::doctor {

std::string producer_text(const OnnxModel& model) {
  const std::string producer = model.producer.empty() ? "unknown producer" : model.producer;
  return fmt::format("{}{}{}, opset {}", printable(producer),
                     model.producer_version.empty() ? "" : " ", printable(model.producer_version),
                     model.opset());
}

std::optional<TorchvisionVersion> torchvision_of(const OnnxModel& model) {
  if (model.producer != "pytorch") return std::nullopt;
  try {
    const auto [major, minor] = parse_torchvision_version(model.producer_version);
    // torch 1.2 came with torchvision 0.4 and no later one kept that distance: 1.13 with 0.14,
    // 2.0 with 0.15.
    if (major == 1) return TorchvisionVersion{0, minor + 1};
    if (major == 2) return TorchvisionVersion{0, minor + 15};
  } catch (const Error&) {
    // "1.8" and "1.7.1+cu110" parse; others are not torch's.
  }
  return std::nullopt;
}

}  // namespace tv2onnx::doctor
