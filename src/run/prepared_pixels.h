#pragma once
// What a network gets to see of a photo.

#include <optional>
#include <string>

#include "tv2onnx/contract.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx {

/// Photos as they are resized and cropped for a file, by itself or by this library.
class PreparedPixels {
 public:
  /// The contract must live as long. \throws Error as Session and read_onnx_model.
  PreparedPixels(const Session& session, const Contract& contract);

  /// uint8 [n, height, width, c] for images as callers have them.
  Tensor of(const Tensor& images) const;

 private:
  const Contract* contract_;
  std::string file_;
  std::optional<Session> first_part_ = {};  ///< of a file that resizes itself
};

}  // namespace tv2onnx
