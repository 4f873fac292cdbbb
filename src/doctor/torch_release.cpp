#include "doctor/torch_release.h"

#include "tv2onnx/error.h"

namespace tv2onnx::doctor {

std::optional<TorchvisionVersion> torchvision_of(const OnnxModel& model) {
  if (model.producer != "pytorch") return std::nullopt;
  TorchvisionVersion torch;
  try {
    torch = parse_torchvision_version(model.producer_version);
  } catch (const Error&) {
    return std::nullopt;  // the field may have any text
  }
  constexpr int kAheadOfTorch1 = 1;   // torch 1.13: 0.14
  constexpr int kAheadOfTorch2 = 15;  // torch 2.0: 0.15
  if (torch.major == 1) return TorchvisionVersion{0, torch.minor + kAheadOfTorch1};
  return TorchvisionVersion{0, torch.minor + kAheadOfTorch2};
}

}  // namespace tv2onnx::doctor
