#pragma once
// Which layers of a file become 8-bit ones.

#include <map>
#include <set>
#include <string>

#include "rewrite/view.h"
#include "tv2onnx/quantize.h"
#include "tv2onnx/task.h"

namespace tv2onnx {

struct ChosenLayers {
  std::set<std::string> convolutions;           ///< names of nodes
  std::map<std::string, std::string> products;  ///< names of nodes, to their weights' values
};

/// Makes of a stranger's file one like ours: nodes that may be chosen get a name that no other node
/// has, and read weights where they are, of which torch.onnx.export stores equal ones once.
void prepare_layers(OnnxModel& model);

/// By the module paths that nodes, or weights, of this library's files and of torch.onnx.export's
/// are named with.
ChosenLayers choose_layers(const View& view, Recipe recipe, Task task);

/// The largest 8-bit weight that this processor multiplies without overflow has so many bits.
int weight_bits_of_processor();

}  // namespace tv2onnx
