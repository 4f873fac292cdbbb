#pragma once
// What an exported file and a reference say about the settings of their models.

#include <optional>
#include <string>
#include <vector>

#include "nn/image_transform.h"
#include "tv2onnx/setting.h"
#include "tv2onnx/verify.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {

class ModelSettings {
 public:
  ModelSettings(const Detector& detector, const Reference& reference);

  DetectionRules rules() const;
  /// The size that the file resizes an image to, if its metadata say.
  std::optional<ImageSize> resized(const ImageSize& size) const;
  /// The size that the reference resizes it to, by its torchvision and its settings, if that is
  /// another one.
  std::optional<ImageSize> reference_resized(const ImageSize& size) const;
  /// Differences between the file and the reference that explain different results.
  /// `other_sizes` of `images` have a reference_resized().
  std::vector<std::string> notes(std::size_t other_sizes, std::size_t images) const;
  /// Of raw files with one size: says that torchvision pads the image to another one, where a
  /// network gives other numbers; else "".
  std::string padded_otherwise(const ImageResult& image) const;

 private:
  /// Whether one of the settings that are off unless given is on; not said is off.
  bool uses(std::string_view name, bool of_reference) const;
  /// What one of them says, or else the other one.
  const Setting* setting(std::string_view name, bool of_reference = false) const;
  std::optional<TransformSpec> transform(bool of_reference) const;

  Setting file_;       ///< dict, or None if the file has no metadata
  Setting reference_;  ///< likewise
  std::optional<TorchvisionVersion> file_version_;
  std::optional<TorchvisionVersion> reference_version_;
  std::optional<ImageSize> only_size_;  ///< of files with raw outputs
};

}  // namespace tv2onnx
