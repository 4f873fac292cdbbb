#pragma once
// Where the time of a run goes, as the runtime's own profile says it.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "tv2onnx/runtime.h"

namespace tv2onnx {

struct OperatorTime {
  std::string op;         ///< as the runtime computes it: "QLinearConv"
  std::size_t nodes = 0;  ///< of it
  double ms = 0;          ///< in one run, of all of them
};

/// Runs a file in a session of its own; what takes longest comes first. \throws Error as Session.
std::vector<OperatorTime> operator_times(const std::filesystem::path& model,
                                         const std::vector<Tensor>& inputs, int runs,
                                         const SessionOptions& options);

/// Where sessions that this thread opens now write their profile when they end; empty: nowhere.
const std::filesystem::path& profile_prefix();

}  // namespace tv2onnx
