#pragma once
// Constants that grow. Forty nodes that each join a constant with itself make 2^40 elements of one;
// runtimes compute that when they load the file, for as long as there is memory.

#include <optional>

#include "onnx/model.h"

namespace tv2onnx {

struct Growth {
  const OnnxNode* node = nullptr;
  double elements = 0;  ///< of what it makes
};

/// The first node that puts constants together to more than any exporter does (2^28 elements).
std::optional<Growth> find_growth(const OnnxModel& model);

}  // namespace tv2onnx
