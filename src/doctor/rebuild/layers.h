#pragma once
// The layers with weights of a foreign file, in the order in which they run, whether their names
// were kept or not.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rewrite/view.h"

namespace tv2onnx::doctor {

/// Normalisation behind a convolution that was not folded into it.
struct LayerNorm {
  /// Of batch normalisation; a frozen one, which is written as a product and a sum, has 0 and 1.
  struct Statistics {
    Tensor mean;
    Tensor variance;
  };
  std::string module;  ///< dotted path, "" if the file does not name it
  Tensor weight;
  Tensor bias;
  double eps = 0;
  std::optional<Statistics> statistics;
  std::int64_t groups = 0;  ///< of group normalisation, which has no statistics
};

/// Of a node that is batch normalisation with constant numbers.
std::optional<LayerNorm> batch_norm_of(const View& view, const OnnxNode& node);

/// What the name of a parameter tells.
struct KeptName {
  std::string module;  ///< "backbone.body.conv1" of "backbone.body.conv1.weight"; "": made up
  /// A simplifier has made new numbers out of it and put words before the name, such as
  /// "ConvMulFusion_W_backbone.body.conv1.weight".
  bool fused = false;
};
KeptName kept_name(std::string_view parameter);

struct Layer {
  OnnxNode* node = nullptr;  ///< Conv, ConvTranspose, Gemm or MatMul; the first that runs, if
                             ///< several have the same weights
  std::string module;        ///< dotted path, "" if the file does not name it
  Tensor weight;             ///< in torch's layout
  std::optional<Tensor> bias;
  bool bias_kept = false;  ///< the bias has a name of torchvision's, and its numbers
  std::optional<LayerNorm> norm;
  std::string output;  ///< behind bias and norm

  const std::string& input() const { return node->input(0); }
  std::int64_t kernel() const { return weight.shape.size() == 4 ? weight.shape[2] : 0; }
  /// One input channel for each output channel.
  bool depthwise() const;
};

/// What stands before torchvision's own names: "model." where a wrapper module holds the detector.
std::string wrapper_prefix(const View& view);

/// Takes it away from the names, where it stands.
void strip_prefix(std::string& module, const std::string& prefix);
void strip_prefix(Layer& layer, const std::string& prefix);

/// The deepest detectors that torchvision builds have some 250.
inline constexpr std::size_t kMostLayers = 2'000;

/// All layers with constant weights, at most kMostLayers. The wrapper's prefix is removed from
/// names.
std::vector<Layer> find_layers(const View& view);

}  // namespace tv2onnx::doctor
