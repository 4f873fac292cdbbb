#pragma once
// What every exported detector takes and returns, whatever the family: the modes of input and
// output, in one place.

#include <cstdint>
#include <string>
#include <vector>

#include "nn/image_input.h"
#include "nn/image_transform.h"
#include "tv2onnx/graph.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// An input of the mode as float32 planes, channels first, 0..1. With or without a batch; its rank
/// must be known.
Value unit_planes(Value input, InputMode mode);

/// Adds the graph input and returns float32 [batch, channels, height, width], RGB if it has three
/// channels, 0..1. \throws Error U002 for `bgr` with another number of channels.
Value detector_input(Graph& graph, InputMode mode, bool bgr, std::int64_t channels,
                     const ImageShape& shape = {});

/// At most `limit` detections per image, best first.
struct DetectionTable {
  Value boxes;   ///< float32 [batch, limit, 4]
  Value labels;  ///< int64 [batch, limit]
  Value scores;  ///< float32 [batch, limit]
  Value valid;   ///< bool [batch, limit]: the rows that count, before all others
  std::int64_t limit = 100;
  bool scores_first = false;  ///< torchvision's order is boxes, scores, labels: one-stage models
  /// What is computed of each detection is computed of all `limit` rows.
  bool constant_counts = false;
};

/// How many of the classes are not the background.
/// \param weight where their number is from, for the message
/// \throws Error W003 if there is none, so that nothing could ever be found.
std::int64_t foreground_classes(std::int64_t classes, const std::string& weight);

/// The table with boxes in pixels of the input instead of the resized image.
DetectionTable in_input_pixels(DetectionTable table, const TransformedImages& images);

/// What a model finds of each detection besides box, label and score.
struct DetectionPart {
  std::string name;  ///< of the output
  /// float32 [detections, ...], of all images in one list, image by image; of all rows of the table
  /// with DetectionTable::constant_counts
  Value rows;
  Dims dims;  ///< of one row
};

/// Declares the graph outputs.
void detector_outputs(const DetectionTable& table, OutputMode mode,
                      const std::vector<DetectionPart>& parts = {});

}  // namespace tv2onnx
