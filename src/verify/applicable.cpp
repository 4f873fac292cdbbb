#include "verify/applicable.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace tv2onnx {
namespace {

bool within_unit(const Tensor& images) {
  return std::ranges::all_of(to_float(images),
                             [](float value) { return value >= 0 && value <= 1; });
}

/// The one size that a file was exported for. Files of others have one because a trace left it.
std::optional<ImageSize> size_asked_for(const Contract& contract) {
  if (contract.metadata.version.empty()) return {};
  return contract.only_size();
}

}  // namespace

ImageSize size_of_images(const Tensor& images) {
  const Shape& shape = images.shape;
  if (images.dtype == DType::kUInt8) return {shape[1], shape[2]};
  return {shape[2], shape[3]};
}

std::string not_applicable(const Detector& detector, const Tensor& images) {
  if (const std::optional<ImageSize> only = size_asked_for(detector.contract());
      only && size_of_images(images) != *only) {
    return fmt::format("the file takes images of {}x{} only", (*only)[0], (*only)[1]);
  }
  if (images.dtype == DType::kUInt8) return "";
  const ImageInput& input = detector.contract().input;
  if (input.bytes()) return "float image, and the file takes bytes";
  const bool rescales = input.range == PixelRange::kUnitOrByte;
  return rescales && !within_unit(images) ? "not 0..1, and the file rescales such images" : "";
}

}  // namespace tv2onnx
