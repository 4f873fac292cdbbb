#pragma once
// Runs a detector file of torch.onnx.export, also one that was traced with several images and has
// three outputs for each.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "doctor/preparation.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/verify.h"

namespace tv2onnx::doctor {

class ForeignDetector {
 public:
  /// \throws Error R001, R002, R007 (its input is no image).
  explicit ForeignDetector(const std::filesystem::path& path);

  /// Images that one run takes.
  std::int64_t batch() const;
  /// The only size that it takes; nullopt: any.
  std::optional<ImageSize> size() const;
  /// `images` is uint8 [batch(), height, width, 3], RGB; they are prepared as the file wants them.
  /// \throws Error R003, R007.
  std::vector<Detections> run(const Tensor& images) const;

 private:
  const PortInfo& input() const { return session_.inputs()[0]; }

  Session session_;
  std::size_t channel_axis_ = 0;
  Preparation preparation_;
};

}  // namespace tv2onnx::doctor
