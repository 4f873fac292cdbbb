#pragma once
// Which output is what, of files that do not say so in their metadata.

#include <string>
#include <vector>

#include "tv2onnx/contract.h"

namespace tv2onnx {

struct FoundOutputs {
  DetectionOutputs outputs = {};  ///< kUnknown: see doubt
  std::string doubt = {};
  std::string remedy = {};
};

/// By names where the type is that of such an output, by types and shapes for the others. Names
/// alone prove nothing: torch.onnx.export numbers outputs or lets users name them, and the families
/// of torchvision differ in their order (R-CNN: boxes, labels, scores; one-stage models: boxes,
/// scores, labels). Where boxes, labels and scores all have their names, outputs with names of
/// their own beside them are somebody else's, and are ignored.
FoundOutputs find_outputs(const std::vector<PortInfo>& ports);

std::optional<std::size_t> port_index(const std::vector<PortInfo>& ports, std::string_view name);

inline constexpr const char* kReexport =
    "give a file of tv2onnx export, or of torch.onnx.export of a torchvision detector";

}  // namespace tv2onnx
