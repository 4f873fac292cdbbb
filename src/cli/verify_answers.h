#pragma once
// What `tv2onnx verify` says of models that are no detectors.

#include <string>

#include "tv2onnx/verify_classes.h"
#include "tv2onnx/verify_maps.h"

namespace tv2onnx::cli {

std::string answers_text(const VerifyClassesReport& report);
std::string answers_text(const VerifyMapsReport& report);

}  // namespace tv2onnx::cli
