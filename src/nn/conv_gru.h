#pragma once
// The convolutional GRU of RAFT (torchvision/models/optical_flow/raft.py, ConvGRU), whose input is
// the context, which stays the same over all steps, and the motion, which does not. What the
// context adds is computed once.

#include <cstdint>
#include <string>
#include <vector>

#include "graph/ops.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// What each channel of a padded motion is: a channel of the file's, or -1 for zeros.
using MotionChannels = std::vector<std::int64_t>;

struct ConvGru {
  Value gates = {};              ///< weight over hidden and motion: update and reset in one
  Value gates_context = {};      ///< what context and bias add
  Value candidate = {};          ///< likewise
  Value candidate_context = {};  ///< likewise
  ConvAttributes form;
  std::string name;  ///< of the module
};

/// \param hidden channels of the state
/// \param motion channels of the motion as it will come, of which the file has `motion_in_file`
ConvGru conv_gru(Scope s, Value context, std::int64_t hidden, const MotionChannels& motion,
                 std::int64_t motion_in_file);

/// The next state.
Value next_state(const ConvGru& gru, Value hidden, Value motion);

}  // namespace tv2onnx
