#pragma once
// Settings of a detector that can be read off its graph, under torchvision's names.

#include <string>
#include <vector>

#include "doctor/rule.h"

namespace tv2onnx::doctor {

struct GraphSetting {
  std::string name;   ///< "box_score_thresh"
  std::string value;  ///< "0.05"
  std::string where;  ///< node; "": the metadata of tv2onnx
};

/// By structure, or for files of tv2onnx from their metadata.
std::vector<GraphSetting> find_settings(const RuleContext& context);

}  // namespace tv2onnx::doctor
