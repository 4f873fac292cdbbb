#include "nn/layers.h"

#include <fmt/format.h>

#include "nn/computed_parts.h"
#include "nn/layer_chain.h"
#include "nn/quantised.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// Up to torchvision 0.6 FrozenBatchNorm2d had no eps at all.
double eps_of(Scope s, double eps) {
  const ModuleInfo* module = s.module();
  const bool frozen =
      module != nullptr && module->class_name == "torchvision.ops.misc.FrozenBatchNorm2d";
  return s.attribute("eps", frozen ? 0 : eps);
}

/// The modules of SqueezeExcitation that are functions in other releases.
void computes_if_there(Scope s, Activation activation) {
  if (s.module() != nullptr) computes_activation(s, activation);
}

/// \param inner_eps of the normalisation that a layer of a prepared model has inside
Value conv2d(Scope s, Value x, const Conv2d& options, double inner_eps) {
  const NameScope names(s.graph(), s.prefix());
  const Dim in = x.dim(1);
  const std::int64_t in_channels = in.is_number() ? in.number() / options.groups : kAny;
  const std::int64_t width = options.kernel_width == kAny ? options.kernel : options.kernel_width;
  const std::array<std::int64_t, 2> padding = padding_of(options);
  computes_conv2d(s, options);
  const Shape shape{options.out, in_channels, options.kernel, width};
  const ConvAttributes attributes{.kernel = {options.kernel, width},
                                  .stride = {options.stride},
                                  .padding = {padding[0], padding[1]},
                                  .dilation = options.dilation,
                                  .groups = options.groups};
  if (is_converted(s)) return converted_conv2d(s, x, attributes, shape, inner_eps);
  const Value weight = s.weight("weight", shape);
  const Value bias = options.bias ? s.weight("bias", {weight.dim(0).number()}) : Value();
  return conv(x, weight, bias, attributes);
}

}  // namespace

std::array<std::int64_t, 2> padding_of(const Conv2d& options) {
  const auto of = [&](std::int64_t kernel) {
    return options.padding == kAny ? (kernel - 1) / 2 * options.dilation : options.padding;
  };
  return {of(options.kernel),
          of(options.kernel_width == kAny ? options.kernel : options.kernel_width)};
}

Value conv2d(Scope s, Value x, const Conv2d& options) {
  return conv2d(s, x, options, 1e-5);
}

Value conv_transpose2d(Scope s, Value x, const ConvTranspose2d& options) {
  const NameScope names(s.graph(), s.prefix());
  s.computes(ModuleKind::kConvTranspose2d, {{"stride", {options.stride}},
                                            {"padding", {options.padding}},
                                            {"output_padding", {std::int64_t{0}}},
                                            {"dilation", {std::int64_t{1}}},
                                            {"groups", {std::int64_t{1}}},
                                            {"padding_mode", {std::string("zeros")}}});
  const Value weight =
      s.weight("weight", {x.dim(1).number(), kAny, options.kernel, options.kernel});
  const Value bias = options.bias ? s.weight("bias", {weight.dim(1).number()}) : Value();
  return conv_transpose(x, weight, bias, {options.kernel, options.stride, options.padding});
}

Value batch_norm(Scope s, Value x, double eps) {
  const NameScope names(s.graph(), s.prefix());
  if (is_rounded(x) && !s.has("weight")) return x;  // folded when the model was converted
  s.computes(ModuleKind::kBatchNorm);
  const Shape channels{x.dim(1).number()};
  return batch_normalization(x, s.weight("weight", channels), s.weight("bias", channels),
                             s.weight("running_mean", channels), s.weight("running_var", channels),
                             static_cast<float>(eps_of(s, eps)));
}

Value group_norm(Scope s, Value x, std::int64_t groups) {
  const NameScope names(s.graph(), s.prefix());
  s.computes(ModuleKind::kGroupNorm);
  const std::int64_t channels = x.dim(1).number();
  groups = static_cast<std::int64_t>(s.attribute("num_groups", static_cast<double>(groups)));
  if (groups < 1 || channels % groups != 0) {
    throw Error({.code = "W002",
                 .found = fmt::format("{} channels for {} groups", channels, groups),
                 .where = {.item = s.prefix()},
                 .hint = "the number of groups is not in a state dict and 32 is torchvision's; a "
                         "checkpoint of the whole module has it"});
  }
  const auto filled = [&](std::int64_t count, float value) {
    return floats(s.graph(), std::vector(static_cast<std::size_t>(count), value));
  };
  // Spelt out where it is known: of no rows at all, a -1 could not be computed.
  const bool known = x.dim(2).is_number() && x.dim(3).is_number();
  const std::int64_t rest = known ? channels / groups * x.dim(2).number() * x.dim(3).number() : -1;
  const Value grouped =
      instance_normalization(reshape(x, {0, groups, rest}), filled(groups, 1), filled(groups, 0),
                             static_cast<float>(s.attribute("eps", 1e-5)));
  // Not BatchNormalization, although that is one pass: ONNX Runtime does it in one thread.
  const auto per_channel = [&](const char* name) {
    return reshape(s.weight(name, {channels}), {channels, 1, 1});
  };
  return reshape_like(grouped, x) * per_channel("weight") + per_channel("bias");
}

Value instance_norm(Scope s, Value x) {
  const NameScope names(s.graph(), s.prefix());
  s.computes(ModuleKind::kInstanceNorm, {{"affine", {false}}, {"track_running_stats", {false}}});
  const auto channels = static_cast<std::size_t>(x.dim(1).number());
  const auto all = [&](float value) { return floats(s.graph(), std::vector(channels, value)); };
  return instance_normalization(x, all(1), all(0), static_cast<float>(s.attribute("eps", 1e-5)));
}

Value activated(Value x, Activation activation) {
  switch (activation) {
    case Activation::kNone: return x;
    case Activation::kRelu: return is_rounded_above_zero(x) ? x : relu(x);
    case Activation::kRelu6: return relu6(x);
    case Activation::kHardSwish: return hard_swish(x);
    case Activation::kSilu: return x * sigmoid(x);
    case Activation::kSigmoid: return sigmoid(x);
    case Activation::kHardSigmoid: return hard_sigmoid(x);
    case Activation::kGelu: return gelu(x);
    case Activation::kTanh: return tanh(x);
  }
  return x;
}

Value activate(Scope s, Value x, Activation activation) {
  computes_activation(s, activation);
  const NameScope names(s.graph(), s.prefix());
  return rounded(s, activated(x, activation));
}

Value relu(Scope s, Value x) {
  const NameScope names(s.graph(), s.prefix());
  return activated(x, Activation::kRelu);
}

Value conv_norm(Scope conv, Scope norm, Value x, Conv2d options, double norm_eps) {
  options.bias = false;
  return batch_norm(norm, conv2d(conv, x, options, norm_eps), norm_eps);
}

Value conv_norm_activation(Scope s, Value x, const Conv2d& options, Activation activation,
                           double norm_eps) {
  const Value y = conv_norm(s / 0, s / 1, x, options, norm_eps);
  computes_activation(s / 2, activation);
  const NameScope names(s.graph(), s.prefix());
  return rounded(s / 2, activated(y, activation));
}

Value conv_norm_relu(Scope s, Value x, double norm_eps) {
  const bool batch = s.has("1.running_mean");
  // Of a whole module, which alone has the number of groups.
  const bool groups = is_of(s / 1, ModuleKind::kGroupNorm);
  const bool norm = batch || groups;
  Value y = conv2d(s / 0, x, {.kernel = 3, .bias = !norm});
  if (batch) y = batch_norm(s / 1, y, norm_eps);
  if (groups) y = group_norm(s / 1, y, 1);
  (s / (norm ? 2 : 1)).computes(ModuleKind::kReLU);
  return relu(s, y);
}

Value conv_norm_relu6(Scope s, Value x, const Conv2d& options, double norm_eps) {
  return conv_norm_activation(s, x, options, Activation::kRelu6, norm_eps);
}

Value linear(Scope s, Value x, std::int64_t out, bool bias) {
  const NameScope names(s.graph(), s.prefix());
  s.computes(ModuleKind::kLinear);
  if (is_converted(s)) return converted_linear(s, x, out);
  const Value weight = s.weight("weight", {out, x.dim(1).number()});
  return gemm(x, weight, bias ? s.weight("bias", {weight.dim(0).number()}) : Value());
}

Value linear_of_rows(Scope s, Value x, std::int64_t out, bool bias) {
  const NameScope names(s.graph(), s.prefix());
  s.computes(ModuleKind::kLinear);
  const std::optional<Dims>& dims = s.graph().info(x.id).dims;
  const Value weight = s.weight("weight", {out, dims->back().number()});
  const Value y = matmul(x, transpose(weight, {1, 0}));
  return bias ? y + s.weight("bias", {weight.dim(0).number()}) : y;
}

Value mlp(Scope s, Value x, std::int64_t hidden) {
  const std::int64_t channels = s.graph().info(x.id).dims->back().number();
  const bool named = s.has("linear_1.weight");
  s.computes(ModuleKind::kContainer);
  const Value inner = linear_of_rows(named ? s / "linear_1" : s / 0, x, hidden);
  const Value active = activate(named ? s / "act" : s / 1, inner, Activation::kGelu);
  return linear_of_rows(named ? s / "linear_2" : s / 3, active, channels);
}

Value permute(Scope s, Value x, const std::vector<std::int64_t>& dims) {
  computes_permute(s, dims);
  const NameScope names(s.graph(), s.prefix());
  return transpose(x, dims);
}

Value layer_norm(Scope s, Value x, double eps) {
  const NameScope names(s.graph(), s.prefix());
  s.computes(ModuleKind::kLayerNorm);
  const Shape last{s.graph().info(x.id).dims->back().number()};
  return layer_normalization(x, s.weight("weight", last), s.weight("bias", last),
                             static_cast<float>(s.attribute("eps", eps)));
}

Value squeeze_excitation(Scope s, Value x, const SqueezeExcitation& options) {
  const NameScope names(s.graph(), s.prefix());
  s.computes(ModuleKind::kSqueezeExcitation);
  computes_adaptive_pool(s / "avgpool", 1);
  computes_if_there(s / "activation", options.activation);
  computes_if_there(s / "relu", options.activation);
  computes_if_there(s / "scale_activation", options.scale);
  const Value mean = average_of_rounded(x);
  const Value squeezed =
      activated(conv2d(s / "fc1", mean, {.out = options.squeezed}), options.activation);
  // OpenCV 4.10 takes this HardSigmoid with its Mul for a HardSwish of the convolution.
  const Value scale =
      activated(conv2d(s / "fc2", squeezed, {.out = x.dim(1).number()}), options.scale);
  (s / "scale_activation").pass_over();  // what rounds it is fixed
  return rounded(s / "skip_mul", x * (is_rounded(x) ? rounded_share(scale) : scale));
}

Scope wrapped_conv(Scope s, int depth) {
  if (s.has("weight")) return s;
  for (int k = 0; k < depth; ++k) s = s / 0;
  return s;
}

}  // namespace tv2onnx
