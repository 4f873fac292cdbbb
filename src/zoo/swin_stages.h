#pragma once
// The blocks of torchvision/models/swin_transformer.py, which those of video/swin_transformer.py
// are, too.

#include <array>
#include <cstddef>
#include <vector>

#include "nn/window_attention.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

inline constexpr double kSwinNormEps = 1e-5;  // of LayerNorm

struct SwinStages {
  std::array<int, 4> blocks{};
  WindowAttention first;  ///< of the first stage, without shift; each that follows has twice as
                          ///< many heads, every second block is shifted by half a window
  std::size_t count = 4;  ///< the first so many are built
};

/// The stages with the merging of patches between them, and what each gives. `map` is what goes in,
/// then what comes out. \param features walks the children that they are
std::vector<TokenMap> swin_stages(Seq& features, TokenMap& map, const SwinStages& stages);

/// Torch has maps [n, sizes..., channels] where the graph has rows. \param given of swin_stages()
void swin_features(Graph& graph, const std::vector<std::string>& paths,
                   const std::vector<TokenMap>& given);

}  // namespace tv2onnx
