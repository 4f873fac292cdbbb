#include "verify/applicable.h"

#include <algorithm>
#include <vector>

namespace tv2onnx {
namespace {

bool within_unit(const Tensor& images) {
  return std::ranges::all_of(to_float(images),
                             [](float value) { return value >= 0 && value <= 1; });
}

}  // namespace

std::string not_applicable(const Detector& detector, const Tensor& images) {
  if (images.dtype == DType::kUInt8) return "";
  const ImageInput& input = detector.contract().input;
  if (input.bytes()) return "float image, and the file takes bytes";
  const bool rescales = input.range == PixelRange::kUnitOrByte;
  return rescales && !within_unit(images) ? "not 0..1, and the file rescales such images" : "";
}

}  // namespace tv2onnx
