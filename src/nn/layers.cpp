#include "nn/layers.h"

#include <fmt/format.h>

#include "nn/computed_parts.h"
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
void computes_if_there(Scope s, ModuleKind kind,
                       std::initializer_list<SettingMember> attributes = {}) {
  if (s.module() != nullptr) s.computes(kind, attributes);
}

}  // namespace

Value conv2d(Scope s, Value x, const Conv2d& options) {
  const NameScope names(s.graph(), s.prefix());
  const Dim in = x.dim(1);
  const std::int64_t in_channels = in.is_number() ? in.number() / options.groups : kAny;
  const std::int64_t padding =
      options.padding == kAny ? (options.kernel - 1) / 2 * options.dilation : options.padding;
  computes_conv2d(s, options);
  const Value weight =
      s.weight("weight", {options.out, in_channels, options.kernel, options.kernel});
  const Value bias = options.bias ? s.weight("bias", {weight.dim(0).number()}) : Value();
  return conv(x, weight, bias,
              {.kernel = {options.kernel, options.kernel},
               .stride = options.stride,
               .padding = padding,
               .dilation = options.dilation,
               .groups = options.groups});
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
  return conv_transpose(x, weight, s.weight("bias", {weight.dim(1).number()}),
                        {options.kernel, options.stride, options.padding});
}

Value batch_norm(Scope s, Value x, double eps) {
  const NameScope names(s.graph(), s.prefix());
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
  const Value grouped =
      instance_normalization(reshape(x, {0, groups, -1}), filled(groups, 1), filled(groups, 0),
                             static_cast<float>(s.attribute("eps", 1e-5)));
  // Not BatchNormalization, although that is one pass: ONNX Runtime does it in one thread.
  const auto per_channel = [&](const char* name) {
    return reshape(s.weight(name, {channels}), {channels, 1, 1});
  };
  return reshape_like(grouped, x) * per_channel("weight") + per_channel("bias");
}

Value relu(Scope s, Value x) {
  const NameScope names(s.graph(), s.prefix());
  return relu(x);
}

Value conv_norm_relu(Scope s, Value x, double norm_eps) {
  const bool norm = s.has("1.running_mean");
  Value y = conv2d(s / 0, x, {.kernel = 3, .bias = !norm});
  if (norm) y = batch_norm(s / 1, y, norm_eps);
  (s / (norm ? 2 : 1)).computes(ModuleKind::kReLU);
  return relu(s, y);
}

Value conv_norm_relu6(Scope s, Value x, Conv2d options, double norm_eps) {
  options.bias = false;
  const Value y = batch_norm(s / 1, conv2d(s / 0, x, options), norm_eps);
  computes_relu6(s / 2);
  const NameScope names(s.graph(), s.prefix());
  return relu6(y);
}

Value linear(Scope s, Value x, std::int64_t out) {
  const NameScope names(s.graph(), s.prefix());
  s.computes(ModuleKind::kLinear);
  const Value weight = s.weight("weight", {out, x.dim(1).number()});
  return gemm(x, weight, s.weight("bias", {weight.dim(0).number()}));
}

Value squeeze_excitation(Scope s, Value x) {
  const NameScope names(s.graph(), s.prefix());
  s.computes(ModuleKind::kSqueezeExcitation);
  computes_if_there(s / "avgpool", ModuleKind::kGlobalAveragePool,
                    {{"output_size", {std::int64_t{1}}}});
  computes_if_there(s / "activation", ModuleKind::kReLU);
  computes_if_there(s / "relu", ModuleKind::kReLU);
  computes_if_there(s / "scale_activation", ModuleKind::kHardsigmoid);
  const Value squeezed = relu(conv2d(s / "fc1", global_average_pool(x), {}));
  // OpenCV 4.10 takes this HardSigmoid with its Mul for a HardSwish of the convolution.
  const Value scale = hard_sigmoid(conv2d(s / "fc2", squeezed, {.out = x.dim(1).number()}));
  return x * scale;
}

Scope wrapped_conv(Scope s, int depth) {
  if (s.has("weight")) return s;
  for (int k = 0; k < depth; ++k) s = s / 0;
  return s;
}

}  // namespace tv2onnx
