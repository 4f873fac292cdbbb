#pragma once
// What a network gets to see of a photo.

#include <optional>

#include "tv2onnx/classifier.h"

namespace tv2onnx {

/// Photos as they are resized and cropped for a classifier, by its file or by this library.
class PreparedPixels {
 public:
  /// The classifier must live as long. \throws Error as Session and read_onnx_model.
  explicit PreparedPixels(const Classifier& classifier);

  /// uint8 [n, height, width, c] for images as Classifier::run takes them.
  Tensor of(const Tensor& images) const;

 private:
  const Classifier* classifier_;
  std::optional<Session> first_part_ = {};  ///< of a file that resizes itself
};

}  // namespace tv2onnx
