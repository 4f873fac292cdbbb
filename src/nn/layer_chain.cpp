#include "nn/layer_chain.h"

#include <algorithm>
#include <optional>
#include <ranges>
#include <string_view>

#include "nn/computed_parts.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr double kDefaultNormEps = 1e-5;  // BatchNorm's default, where the module does not say it

/// An attribute that torch keeps as one number for each axis. Where they differ, or it is text, it
/// is the first or `otherwise`, and the comparison of the modules names it.
std::int64_t first_of(Scope s, std::string_view name, std::int64_t otherwise) {
  const Setting* stated = s.stated(name);
  if (stated != nullptr && stated->list() != nullptr && !stated->list()->empty()) {
    stated = &stated->list()->front();
  }
  return stated != nullptr && stated->integer() != nullptr ? *stated->integer() : otherwise;
}

Value stated_conv2d(Scope s, Value x) {
  const Shape weight = s.shape("weight").value_or(Shape{});
  if (weight.size() != 4) return conv2d(s, x, {});
  return conv2d(s, x,
                {.kernel = weight[2],
                 .kernel_width = weight[3],
                 .stride = first_of(s, "stride", 1),
                 .padding = first_of(s, "padding", 0),
                 .dilation = first_of(s, "dilation", 1),
                 .groups = first_of(s, "groups", 1),
                 .bias = s.has("bias")});
}

Value stated_conv_transpose2d(Scope s, Value x) {
  const Shape weight = s.shape("weight").value_or(Shape{});
  return conv_transpose2d(s, x,
                          {.kernel = weight.size() == 4 ? weight[2] : 1,
                           .stride = first_of(s, "stride", 1),
                           .padding = first_of(s, "padding", 0),
                           .bias = s.has("bias")});
}

Value flattened(Scope s, Value x) {
  computes_flatten(s);
  const NameScope names(s.graph(), s.prefix());
  return flatten(x);
}

Value layer(Scope s, Value x) {
  if (is_of(s, ModuleKind::kContainer)) return layer_chain(s, x);
  if (is_of(s, ModuleKind::kConv2d)) return stated_conv2d(s, x);
  if (is_of(s, ModuleKind::kConvTranspose2d)) return stated_conv_transpose2d(s, x);
  if (is_of(s, ModuleKind::kLinear)) return linear(s, x, kAny, s.has("bias"));
  if (is_of(s, ModuleKind::kBatchNorm)) return batch_norm(s, x, kDefaultNormEps);
  if (is_of(s, ModuleKind::kGroupNorm)) return group_norm(s, x, 1);
  if (is_of(s, ModuleKind::kFlatten)) return flattened(s, x);
  const Activation activation = stated_activation(s);
  return activation == Activation::kNone ? x : activate(s, x, activation);
}

}  // namespace

bool is_of(Scope s, ModuleKind kind) {
  return s.module() != nullptr && is_of_kind(s.module()->class_name, kind);
}

bool is_layer_chain(Scope s) {
  return s.module() != nullptr && s.module()->class_name == "torch.nn.modules.container.Sequential";
}

Value layer_chain(Scope s, Value x) {
  for (const std::string& name : s.children()) x = layer(s / name, x);
  return x;
}

Value layer_chain(Scope s, Value x, std::size_t axes) {
  x = layer_chain(s, x);
  const std::optional<Dims>& dims = s.graph().info(x.id).dims;
  const auto is_known = [](const Dim& dim) { return dim.is_number(); };
  if (dims && dims->size() == axes && std::ranges::all_of(*dims | std::views::drop(1), is_known)) {
    return x;
  }
  throw Error({.code = "W002",
               .found = "layers whose result has another shape than the model works with",
               .where = {.item = s.prefix()},
               .expected = axes == 2 ? "[boxes, features]" : "[boxes, channels, height, width]"});
}

}  // namespace tv2onnx
