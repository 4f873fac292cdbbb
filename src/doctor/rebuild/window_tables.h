#pragma once
// Tables of relative positions, which an exporter computes away: a file has what the table gives
// for each pair of tokens.

#include <optional>
#include <vector>

#include "doctor/rebuild/asked_weights.h"
#include "doctor/rebuild/network_parts.h"

namespace tv2onnx::doctor {

/// The table, or the buffer beside it, that is asked for; nullopt if it is none or the file does
/// not have it. Takes what it is made from out of `loose`.
std::optional<Tensor> window_table(const AskedWeight& weight, std::vector<LooseConstant>& loose);

}  // namespace tv2onnx::doctor
