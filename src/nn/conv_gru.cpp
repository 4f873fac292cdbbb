#include "nn/conv_gru.h"

#include <numeric>

#include "nn/computed_parts.h"
#include "nn/layers.h"
#include "nn/rearranged_weights.h"

namespace tv2onnx {
namespace {

/// Which channels of a convolution's input a part of it reads.
struct Inputs {
  std::int64_t all = 0;
  std::vector<std::int64_t> changing;  ///< hidden and motion
  std::vector<std::int64_t> context;
};

Inputs inputs_of(std::int64_t hidden, std::int64_t context, const MotionChannels& motion,
                 std::int64_t motion_in_file) {
  Inputs inputs{hidden + context + motion_in_file, {}, {}};
  inputs.changing.resize(static_cast<std::size_t>(hidden));
  std::iota(inputs.changing.begin(), inputs.changing.end(), std::int64_t{0});
  for (const std::int64_t channel : motion) {
    inputs.changing.push_back(channel < 0 ? channel : hidden + context + channel);
  }
  inputs.context.resize(static_cast<std::size_t>(context));
  std::iota(inputs.context.begin(), inputs.context.end(), hidden);
  return inputs;
}

/// Height and width of a convolution's kernel.
Conv2d options_of(Scope conv, std::int64_t out) {
  Conv2d options{.out = out};
  const std::optional<Shape> weight = conv.shape("weight");
  if (weight && weight->size() == 4) {
    options.kernel = (*weight)[2];
    options.kernel_width = (*weight)[3];
  }
  return options;
}

Tensor gru_weight_of(Scope conv, const Conv2d& options, std::int64_t in) {
  computes_conv2d(conv, options);
  const std::int64_t width = options.kernel_width == kAny ? options.kernel : options.kernel_width;
  return conv.tensor("weight", {options.out, in, options.kernel, width});
}

}  // namespace

ConvGru conv_gru(Scope s, Value context, std::int64_t hidden, const MotionChannels& motion,
                 std::int64_t motion_in_file) {
  s.computes(ModuleKind::kConvGru);
  const NameScope names(s.graph(), s.prefix());
  const Inputs inputs = inputs_of(hidden, context.dim(1).number(), motion, motion_in_file);
  const Scope update = s / "convz";
  const Scope reset = s / "convr";
  const Scope candidate = s / "convq";
  const Conv2d options = options_of(update, hidden);
  const auto [above, left] = padding_of(options);
  const std::int64_t width = options.kernel_width == kAny ? options.kernel : options.kernel_width;
  ConvGru gru{.form = {.kernel = {options.kernel, width}, .padding = {above, left}},
              .name = s.prefix()};
  const Tensor gates = stacked(gru_weight_of(update, options, inputs.all),
                               gru_weight_of(reset, options, inputs.all));
  const Tensor gates_bias =
      stacked(update.tensor("bias", {hidden}), reset.tensor("bias", {hidden}));
  const Tensor tanh_weight = gru_weight_of(candidate, options, inputs.all);
  const auto part = [&](const Tensor& weight, const char* name,
                        const std::vector<std::int64_t>& channels) {
    return s.graph().add_weight(s.prefix() + name, picked_inputs(weight, channels));
  };
  const Value bias = s.graph().add_weight(s.prefix() + ".convzr.bias", gates_bias);
  gru.gates = part(gates, ".convzr.weight", inputs.changing);
  gru.gates_context =
      conv(context, part(gates, ".convzr.context.weight", inputs.context), bias, gru.form);
  gru.candidate = part(tanh_weight, ".convq.weight", inputs.changing);
  gru.candidate_context = conv(context, part(tanh_weight, ".convq.context.weight", inputs.context),
                               candidate.weight("bias", {hidden}), gru.form);
  return gru;
}

Value next_state(const ConvGru& gru, Value hidden, Value motion) {
  const NameScope names(*hidden.graph, gru.name);
  const Value gates =
      sigmoid(conv(concat({hidden, motion}, 1), gru.gates, {}, gru.form) + gru.gates_context);
  const auto [update, reset] = halves(gates, 1);
  const Value candidate =
      tanh(conv(concat({reset * hidden, motion}, 1), gru.candidate, {}, gru.form) +
           gru.candidate_context);
  return hidden + update * (candidate - hidden);
}

}  // namespace tv2onnx
