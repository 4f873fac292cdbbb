#pragma once
// Photos of networks that are built for one size.

#include <string_view>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// The origin of settings that follow from the network's size.
inline constexpr std::string_view kFromSize = "size of the network";

/// Where nobody says what is cut out of a photo, a network of one size gets that: as those of
/// torchvision's weights that have it, else enlarged from what others get. \throws Error U002 where
/// photos would be cropped or resized whose every pixel gets an answer.
void fit_photo(Config& config, const Model& model, const WeightSource& source,
               const BuildOptions& options);

}  // namespace tv2onnx
