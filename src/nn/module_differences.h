#pragma once
// A whole module is compared with the graph that was built from it, module by module.

#include <string>
#include <vector>

#include "tv2onnx/checkpoint.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// One sentence for each module on the way from the image to the result that computes something
/// else than the graph does, or may: another class, a replaced method, a hook, another attribute,
/// more modules or fewer. Empty for state dicts.
std::vector<std::string> module_differences(const Checkpoint& checkpoint, const LoadReport& load);

}  // namespace tv2onnx
