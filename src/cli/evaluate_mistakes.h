#pragma once
// tv2onnx evaluate --worst: the images with most mistakes, drawn.

#include <filesystem>
#include <string>
#include <vector>

#include "cli/evaluate_detector.h"

namespace tv2onnx::cli {

/// One picture for each annotated image, none if none is wanted. \throws Error U002, O003, O004.
std::vector<std::filesystem::path> plan_mistakes(const DetectorEvaluation& options,
                                                 const CocoAnnotations& annotations);

/// Draws as many as the options say; returns a line for each.
std::vector<std::string> draw_mistakes(const DetectorEvaluation& options,
                                       const CocoAnnotations& annotations,
                                       const std::vector<CocoPair>& pairs,
                                       const std::vector<std::filesystem::path>& pictures);

}  // namespace tv2onnx::cli
