#pragma once
// The foreign file made comparable: where it has faults that a local repair mends, a mended copy
// stands for it.

#include <filesystem>
#include <optional>

#include "base/output_file.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx::doctor {

struct CopyOptions {
  /// Whose image sizes it shall have; only where its own are repaired.
  TorchvisionVersion torchvision;
  /// Score that detections must exceed instead of the file's own threshold.
  std::optional<double> score_threshold;
};

/// Removes the copy at the end of its life.
class ComparableFile {
 public:
  /// Copies are named after `scratch`.
  ComparableFile(const std::filesystem::path& file, const std::filesystem::path& scratch,
                 const CopyOptions& options);

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::optional<OutputFile> copy_;
};

}  // namespace tv2onnx::doctor
