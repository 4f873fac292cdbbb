#pragma once
// The encoders of RAFT: maps of an eighth of the image's size.

#include "nn/layers.h"

namespace tv2onnx {

enum class EncoderNorm { kInstance, kBatch, kNone };

/// FeatureEncoder of ResidualBlocks, or of BottleneckBlocks; widths are the file's.
Value raft_encoder(Scope s, Value x, bool bottlenecks, EncoderNorm norm, double norm_eps);

}  // namespace tv2onnx
