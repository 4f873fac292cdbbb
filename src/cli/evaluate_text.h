#pragma once
// What tv2onnx evaluate --coco says.

#include <optional>
#include <string>
#include <vector>

#include "run/kept.h"
#include "tv2onnx/average_precision.h"

namespace tv2onnx::cli {

struct Evaluated {
  std::vector<CocoObject> results;
  CocoScores scores;
  std::optional<CocoDifference> difference;  ///< from the other file
  std::optional<Kept> kept;                  ///< of what the other file is sure of
  std::optional<CocoConfusion> confusion;
  std::vector<std::string> drawn;  ///< a line for each picture of mistakes
};

std::string evaluation_text(const Evaluated& found, const std::string& other);
std::string evaluation_json(const Evaluated& found);

}  // namespace tv2onnx::cli
