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

/// By the module paths that nodes of this library's files are named with.
ChosenLayers choose_layers(const View& view, Recipe recipe, Task task);

/// The largest 8-bit weight that this processor multiplies without overflow has so many bits.
int weight_bits_of_processor();

}  // namespace tv2onnx
