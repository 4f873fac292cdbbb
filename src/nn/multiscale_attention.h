#pragma once
// The attention of MViT (arXiv:2104.11227, arXiv:2112.01526; torchvision/models/video/mvit.py),
// whose queries, keys and values are pooled over the positions of a clip.

#include <array>
#include <cstdint>

#include "nn/layers3d.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

constexpr double kMvitNormEps = 1e-6;

/// A class token, and one token for each place of a clip.
struct ClipTokens {
  Value x;                             ///< [n, 1 + time * height * width, channels]
  std::array<std::int64_t, 3> grid{};  ///< time, height, width
};

struct MultiscaleAttention {
  std::int64_t heads = 1;
  std::int64_t query_stride = 1;  ///< of height and width
  std::int64_t key_stride = 1;    ///< likewise, of values too
  bool residual = false;          ///< queries are added to what was found, but for the class token
};

/// MultiscaleAttention. Which of the three is pooled, and whether positions are relative, is what
/// the weights say.
ClipTokens multiscale_attention(Scope s, const ClipTokens& tokens,
                                const MultiscaleAttention& options);

/// The largest of each window of 3x3 within frames, two apart; the class token as it is.
ClipTokens halved(Scope s, const ClipTokens& tokens);

}  // namespace tv2onnx
