#pragma once
// What is at a place of a checkpoint that find_weights() found.

#include <string>
#include <vector>

#include "checkpoint/find_weights.h"
#include "checkpoint/pickle_tree.h"
#include "checkpoint/plain.h"

namespace tv2onnx {

/// The keys of its weights; of a module without buffers. \throws Error P002 (budget).
std::vector<std::string> weight_keys(const PickleTree& tree, const WeightsAt& at, Budget& budget);

/// "model (whole module)", "whole module", "model_state_dict", "".
std::string place_text(const WeightsAt& at);

}  // namespace tv2onnx
