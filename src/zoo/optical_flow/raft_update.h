#pragma once
// The update block of RAFT, which runs again and again.

#include <optional>

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

/// What the large one enlarges the last flow by.
Value flow_mask(Scope s, Value hidden);

}  // namespace tv2onnx
