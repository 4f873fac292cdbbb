#pragma once
// Files with raw outputs: what the library must know to do the rest, from their metadata.

#include <array>
#include <cstdint>
#include <vector>

#include "nn/dense_detections.h"
#include "nn/image_transform.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx {

using Corners = std::array<float, 4>;  ///< x1, y1, x2, y2

enum class RawFamily { kRetinaNet, kFcos, kSsd };

struct RawModel {
  RawFamily family = RawFamily::kRetinaNet;
  ImageSize input{};  ///< of the file
  std::int64_t channels = 3;
  std::int64_t classes = 1;
  TransformSpec transform;
  DenseSpec selection;
  std::vector<Corners> references;  ///< anchors or default boxes, in pixels of the input
  std::vector<std::size_t> levels;  ///< how many of them each feature map has
  std::size_t logits = 0;           ///< index of the output
  std::size_t deltas = 0;           ///< likewise
  std::size_t centerness = 0;       ///< likewise, FCOS only
};

/// \throws Error R007: metadata and outputs contradict each other, or are of a later version.
RawModel raw_model(const Session& session, const Contract& contract);

}  // namespace tv2onnx
