#pragma once
// The input of models that are no detectors: photos, and how much of their preparation is in the
// graph.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "nn/photo.h"
#include "tv2onnx/zoo.h"
#include "zoo/option_rows.h"

namespace tv2onnx {

/// torchvision's keywords: resize_size, crop_size, interpolation, antialias, mean, std.
void option_rows(OptionRows& row, PhotoSpec& settings);

/// The preparation of torchvision's default weights of a builder; `otherwise` if it has none.
PhotoSpec default_photo(std::string_view arch, const PhotoSpec& otherwise = {});

/// The preparation that the settings say; nothing of models that have no such settings.
std::optional<PhotoSpec> photo_of(const Config& config);

/// Heights and widths that a network can take.
struct ImageSides {
  std::int64_t only = kAny;   ///< of a network that is built for one size
  std::int64_t smallest = 1;  ///< of the others
};

/// Adds the graph's `input` for images of so many channels, and returns what the network gets:
/// float32 [batch, channels, height, width], normalised.
/// \throws Error U002: an input that the preparation cannot begin with, a mean for another
/// number of channels, a crop that the network cannot take.
Value photo_input(Graph& graph, std::int64_t channels, const Config& config,
                  const BuildOptions& options, const ImageSides& sides = {});

}  // namespace tv2onnx
