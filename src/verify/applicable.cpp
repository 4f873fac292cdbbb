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
  if (detector.contract().input == DetectorContract::Input::kUint8) {
    return "float image, and the file takes bytes";
  }
  const auto& metadata = detector.session().metadata();
  const auto input = metadata.find("tv2onnx.input");
  const bool rescales = input != metadata.end() && input->second == "auto";
  return rescales && !within_unit(images) ? "not 0..1, and the file rescales such images" : "";
}

}  // namespace tv2onnx
