#pragma once
// Layers that torch.ao.quantization has converted, or has prepared while they were trained: those
// have float weights, their normalisation, and what converting needs. The graph computes in float
// between QuantizeLinear and DequantizeLinear, the form that runtimes take for integer arithmetic:
// every value is rounded to the scale and zero point that the file has for it. Arithmetic of torch:
// activations uint8, weights int8 for each channel or all, biases int32.

#include <cstdint>

#include "graph/ops.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// x rounded as the module here does it: to its `scale` and `zero_point`, in a prepared model those
/// of `activation_post_process`. Of a module that has none, x itself.
Value rounded(Scope s, Value x);

/// Whether the module here has a scale and zero point and no weights.
bool only_rounds(Scope s);

/// x of 0..1 rounded as torch always does it: to units of 1/256.
Value rounded_share(Value x);

/// y rounded as x was, by which it was computed: pooling keeps scale and zero point.
Value rounded_like(Value x, Value y);

/// The mean of each map, [n, c, 1, 1]; of a value that was rounded, rounded likewise.
Value average_of_rounded(Value x);

/// Whether x was rounded to something whose zero point is 0, and so is nowhere negative.
bool is_rounded_above_zero(Value x);

/// Whether the value is one of a converted model.
bool is_rounded(Value x);

/// Whether the layer here was converted, or prepared for it.
bool is_converted(Scope s);

/// Conv2d with the normalisation that is folded into it.
/// \param norm_eps of that of a prepared one, which has it as `bn`
Value converted_conv2d(Scope s, Value x, const ConvAttributes& attributes, const Shape& shape,
                       double norm_eps);

/// x [n, in] -> [n, out]; where its weight is depends on the release of
/// torch.
Value converted_linear(Scope s, Value x, std::int64_t out);

}  // namespace tv2onnx
