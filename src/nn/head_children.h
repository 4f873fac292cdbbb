#pragma once
// What a classifier's head is made of, as far as a checkpoint tells.

#include <string>
#include <vector>

#include "tv2onnx/nn.h"

namespace tv2onnx {

enum class HeadChildKind { kBare, kLinear, kNorm, kSequential };

/// A child of the head, or what may stand between two of them.
struct HeadChild {
  std::string name;
  HeadChildKind kind;
  bool unnamed = false;  ///< of an nn.Sequential with names, a place behind `name`
};

/// Those of an nn.Sequential at `s`, up to the last one with weights; those behind leave no trace.
/// \throws Error W002 where a state dict does not tell their order.
std::vector<HeadChild> head_children(Scope s);

}  // namespace tv2onnx
