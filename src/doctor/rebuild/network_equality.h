#pragma once
// Does a rebuilt network give the numbers that the foreign one gives, where that one works?

#include <vector>

#include "tv2onnx/doctor.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx::doctor {

struct NetworkEquality {
  std::vector<ProofRow> rows;
  std::size_t compared = 0;  ///< inputs that both files could be run on
};

/// Runs both on drawn images of several sizes, or of the only one that one of them takes.
/// \param foreign null: it cannot be loaded
/// \param bound the foreign file is known to be wrong at sizes other than the traced one, which it
/// does not tell: one size must be equal
/// \throws Error D112: they give different numbers; X003
NetworkEquality require_equal_networks(const Session* foreign, const Session& rebuilt, bool bound,
                                       const CallControl& control);

}  // namespace tv2onnx::doctor
