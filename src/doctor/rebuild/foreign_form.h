#pragma once
// What the file of a network takes and gives, in the words of an export: what is in its graph
// before the first layer and behind the last one stays where it is.

#include <optional>
#include <string>
#include <vector>

#include "rewrite/view.h"
#include "tv2onnx/export.h"

namespace tv2onnx::doctor {

struct ForeignForm {
  std::optional<Preprocess> preprocess = {};  ///< of what takes single images
  std::optional<OutputMode> outputs = {};
  std::vector<ExportOptions::Override> settings = {};  ///< that only the graph tells
  std::vector<std::string> notes = {};
};

/// \throws Error D110: the graph prepares its images in a way that no export has
ForeignForm form_of(const View& view, const Model& model);

}  // namespace tv2onnx::doctor
