#pragma once
// torch.nn layers and torchvision.ops.misc as functions. A function that takes a Scope owns
// weights; activations do not and live in graph/ops.h.

#include <array>
#include <cstdint>
#include <vector>

#include "graph/ops.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

struct Conv2d {
  std::int64_t out = kAny;  ///< out_channels; kAny: as the weight says
  std::int64_t kernel = 1;
  std::int64_t kernel_width = kAny;  ///< kAny: as `kernel`
  std::int64_t stride = 1;
  std::int64_t padding = kAny;  ///< kAny: (kernel - 1) / 2 * dilation, as Conv2dNormActivation
  std::int64_t dilation = 1;
  std::int64_t groups = 1;
  bool bias = true;
};

/// Above and below, left and right.
std::array<std::int64_t, 2> padding_of(const Conv2d& options);

/// x [n, in, h, w] -> [n, out, h', w']
Value conv2d(Scope s, Value x, const Conv2d& options);

struct ConvTranspose2d {
  std::int64_t kernel = 2;
  std::int64_t stride = 2;
  std::int64_t padding = 0;
  bool bias = true;
};

/// x [n, in, h, w] -> [n, out, h', w'], as many channels as the weight says
Value conv_transpose2d(Scope s, Value x, const ConvTranspose2d& options);

/// BatchNorm2d or FrozenBatchNorm2d with running statistics. `eps` is not in a state dict; a
/// whole-module checkpoint overrides it.
Value batch_norm(Scope s, Value x, double eps);

/// GroupNorm (arXiv:1803.08494). Neither `groups` nor eps (1e-5) is in a state dict; a whole-module
/// checkpoint overrides them. \throws Error W002 if the channels cannot be grouped so.
Value group_norm(Scope s, Value x, std::int64_t groups);

/// InstanceNorm2d without weights and statistics, torch's default.
Value instance_norm(Scope s, Value x);

/// What torch has as modules without weights.
enum class Activation {
  kNone,
  kRelu,
  kRelu6,
  kHardSwish,
  kSilu,
  kSigmoid,
  kHardSigmoid,
  kGelu,
  kTanh
};

/// Of no module.
Value activated(Value x, Activation activation);
/// The activation of a module, named after it.
Value activate(Scope s, Value x, Activation activation);
/// A ReLU of a module that has none of its own, named after it.
Value relu(Scope s, Value x);

/// Convolution without bias, and normalisation.
Value conv_norm(Scope conv, Scope norm, Value x, Conv2d options, double norm_eps);

/// Conv2dNormActivation with BatchNorm2d.
Value conv_norm_activation(Scope s, Value x, const Conv2d& options, Activation activation,
                           double norm_eps);

/// Conv2dNormActivation of a 3x3 convolution with ReLU, in the heads of R-CNNs. Whether there is
/// BatchNorm2d, and then no bias, is what the weights say.
Value conv_norm_relu(Scope s, Value x, double norm_eps);

/// Conv2dNormActivation with BatchNorm2d and ReLU6.
Value conv_norm_relu6(Scope s, Value x, const Conv2d& options, double norm_eps);

/// x [n, in] -> [n, out]; `out` may be kAny.
Value linear(Scope s, Value x, std::int64_t out, bool bias = true);

/// x [..., in] -> [..., out]; `out` may be kAny.
Value linear_of_rows(Scope s, Value x, std::int64_t out, bool bias = true);

/// MLP of two layers with GELU between them, on the last axis. Up to 0.12 torchvision's ViT named
/// them linear_1 and linear_2.
Value mlp(Scope s, Value x, std::int64_t hidden);

/// Permute.
Value permute(Scope s, Value x, const std::vector<std::int64_t>& dims);

/// LayerNorm of the last axis. eps is not in a state dict; a whole module overrides it.
Value layer_norm(Scope s, Value x, double eps);

/// SqueezeExcitation (arXiv:1709.01507), as MobileNetV3 has it if nothing else is said.
struct SqueezeExcitation {
  std::int64_t squeezed = kAny;  ///< channels between the layers; kAny: as the weight says
  Activation activation = Activation::kRelu;
  Activation scale = Activation::kHardSigmoid;
};
Value squeeze_excitation(Scope s, Value x, const SqueezeExcitation& options = {});

/// Scope of a convolution that torchvision wraps in Conv2dNormActivation since 0.13; older state
/// dicts have it bare. `depth` is the number of wrappers.
Scope wrapped_conv(Scope s, int depth);

}  // namespace tv2onnx
