#include "zoo/optical_flow/raft_update.h"

#include <algorithm>
#include <numeric>

#include "nn/computed_parts.h"
#include "nn/rearranged_weights.h"
#include "nn/upsampled_flow.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kFlow = 2;
/// Convolutions of multiples of 16 channels are the fast ones of ONNX Runtime.
constexpr std::int64_t kRound = 16;

/// Conv2dNormActivation without normalisation.
Value conv_relu(Scope s, Value x, const Conv2d& options) {
  const Value y = conv2d(s / 0, x, options);
  computes_activation(s / 1, Activation::kRelu);
  return relu(s, y);
}

/// The same with so many more channels of zeros.
Value conv_relu_and_zeros(Scope s, Value x, const Conv2d& options, std::int64_t zeros) {
  if (zeros == 0) return conv_relu(s, x, options);
  const Scope inner = s / 0;
  computes_conv2d(inner, options);
  computes_activation(s / 1, Activation::kRelu);
  const NameScope names(s.graph(), s.prefix());
  const Tensor weight =
      inner.tensor("weight", {kAny, x.dim(1).number(), options.kernel, options.kernel});
  const Tensor bias = inner.tensor("bias", {weight.shape[0]});
  const auto padded = [&](const char* leaf, const Tensor& tensor) {
    return s.graph().add_weight(inner.prefix() + leaf, with_zero_rows(tensor, zeros));
  };
  const auto [above, left] = padding_of(options);
  return relu(conv(x, padded(".weight", weight), padded(".bias", bias),
                   {.kernel = {options.kernel, options.kernel}, .padding = {above, left}}));
}

Value motion_features(Scope s, Value flow, Value correlation, std::int64_t zeros) {
  s.computes(ModuleKind::kMotionEncoder);
  Value found = conv_relu(s / "convcorr1", correlation, {});
  if (s.has("convcorr2.0.weight")) {
    found = conv_relu(s / "convcorr2", found, {.kernel = 3});
  } else {
    computes_activation(s / "convcorr2", Activation::kNone);
  }
  const Value seen =
      conv_relu(s / "convflow2", conv_relu(s / "convflow1", flow, {.kernel = 7}), {.kernel = 3});
  const NameScope names(s.graph(), s.prefix());
  const Value both =
      conv_relu_and_zeros(s / "conv", concat({found, seen}, 1), {.kernel = 3}, zeros);
  return concat({both, flow}, 1);
}

Value flow_head(Scope s, Value hidden) {
  s.computes(ModuleKind::kFlowHead);
  computes_activation(s / "relu", Activation::kRelu);
  const Value y = relu(s, conv2d(s / "conv1", hidden, {.kernel = 3}));
  return conv2d(s / "conv2", y, {.out = kFlow, .kernel = 3});
}

}  // namespace

RaftUpdate raft_update(Scope s, Value context, std::int64_t hidden) {
  s.computes(ModuleKind::kUpdateBlock, {{"hidden_state_size", {hidden}}});
  const Scope recurrent = s / "recurrent_block";
  recurrent.computes(ModuleKind::kRecurrentBlock);
  const std::optional<Shape> conv = (s / "motion_encoder" / "conv" / 0).shape("weight");
  const std::int64_t wide = conv && !conv->empty() ? std::max<std::int64_t>(conv->front(), 0) : 0;
  const std::int64_t zeros = (kRound - (hidden + wide + kFlow) % kRound) % kRound;
  // The channels of the convolution, the zeros, the flow.
  MotionChannels motion(static_cast<std::size_t>(wide + zeros + kFlow), -1);
  std::iota(motion.begin(), motion.begin() + wide, std::int64_t{0});
  std::iota(motion.end() - kFlow, motion.end(), wide);
  const auto gru = [&](const char* name) {
    return conv_gru(recurrent / name, context, hidden, motion, wide + kFlow);
  };
  RaftUpdate update{s, zeros, gru("convgru1"), {}};
  if (recurrent.has("convgru2.convz.weight")) update.second = gru("convgru2");
  return update;
}

RaftState updated(const RaftUpdate& update, const RaftState& state, Value correlation) {
  const Value motion =
      motion_features(update.scope / "motion_encoder", state.flow, correlation, update.zeros);
  Value hidden = next_state(update.first, state.hidden, motion);
  if (update.second) hidden = next_state(*update.second, hidden, motion);
  const NameScope names(update.scope.graph(), update.scope.prefix());
  return {hidden, state.flow + flow_head(update.scope / "flow_head", hidden)};
}

namespace {

Value flow_mask(Scope s, Value hidden) {
  s.computes(ModuleKind::kMaskPredictor);
  const Value y = conv_relu(s / "convrelu", hidden, {.kernel = 3});
  const Value mask = conv2d(s / "conv", y, {.out = 8 * 8 * 9});
  return mask * s.attribute("multiplier", 0.25);
}

}  // namespace

Value upsampled(Scope raft, bool large, const RaftState& state) {
  if (!large) return upsampled_flow(state.flow);
  return upsampled_flow(state.flow, flow_mask(raft / "mask_predictor", state.hidden));
}

void add_flows(std::vector<Value> flows, bool all) {
  Graph& graph = *flows.back().graph;
  graph.add_output(flows.back(), "flow", {"batch", 2, "height", "width"});
  if (!all) return;
  const auto updates = static_cast<std::int64_t>(flows.size());
  for (Value& flow : flows) flow = unsqueeze(flow, {0});
  graph.add_output(concat(flows, 0), "flows", {updates, "batch", 2, "height", "width"});
}

}  // namespace tv2onnx
