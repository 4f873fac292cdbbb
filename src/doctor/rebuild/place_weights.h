#pragma once
// The weights of a foreign file under the keys that a row of the table of models asks for: by the
// names that were kept, and where none was, by shape in the order in which the layers run. That
// order is a likely one and no proof; the rebuilt file is run beside the original.

#include <string>
#include <vector>

#include "doctor/rebuild/network_parts.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx::doctor {

struct PlacedWeights {
  bool complete = false;          ///< the row has all that it asks for, and no layer is left
  std::size_t layers = 0;         ///< that have a place
  std::vector<std::string> left;  ///< the others
  std::vector<NamedTensor> tensors;
  std::vector<ModuleInfo> modules;
};

PlacedWeights place_weights(const Model& row, NetworkParts parts);

}  // namespace tv2onnx::doctor
