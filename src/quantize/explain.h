#pragma once
// How far each layer of a quantised file is from the original's.

#include <cstddef>
#include <vector>

#include "quantize/calibrate.h"
#include "quantize/recipe.h"
#include "tv2onnx/quantize.h"

namespace tv2onnx {

/// In the order of the graph. \param input gives the k-th of `count` inputs, of both files
std::vector<LayerCost> costs_of(const OnnxModel& original, const OnnxModel& quantised,
                                const ChosenLayers& chosen, std::size_t count, const InputOf& input,
                                const SessionOptions& options);

}  // namespace tv2onnx
