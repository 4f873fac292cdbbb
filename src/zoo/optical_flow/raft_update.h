#pragma once
// The update block of RAFT, which runs again and again.

#include <optional>
#include <vector>

#include "nn/conv_gru.h"
#include "nn/layers.h"

namespace tv2onnx {

struct RaftUpdate {
  Scope scope;
  std::int64_t zeros;  ///< channels of the motion that only make widths round
  ConvGru first;
  std::optional<ConvGru> second;  ///< of the large one
};

/// \param context the part of the context encoder's maps that stays the same
RaftUpdate raft_update(Scope s, Value context, std::int64_t hidden);

struct RaftState {
  Value hidden;
  Value flow;  ///< [n, 2, h, w]
};

/// One update, of what was found in the correlation at the flow so far.
RaftState updated(const RaftUpdate& update, const RaftState& state, Value correlation);

/// The flow at the size of the images. \param raft the model; the large one has a mask for it
Value upsampled(Scope raft, bool large, const RaftState& state);

/// The last flow as `flow`; `all` of them, too, as torch.stack() of the list that torchvision
/// returns: `flows`.
void add_flows(std::vector<Value> flows, bool all);

}  // namespace tv2onnx
