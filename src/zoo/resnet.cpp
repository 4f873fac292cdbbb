#include "zoo/resnet.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>
#include <string_view>

#include "nn/computed_parts.h"
#include "nn/layers.h"
#include "nn/quantised.h"
#include "tv2onnx/error.h"
#include "zoo/incomplete_detectors.h"

namespace tv2onnx {
namespace {

constexpr int kResNetLayers = 4;

/// Where the parts are: conv1, bn1, layer1, ..., or 0, 1, 4, ... in nn.Sequential.
struct Parts {
  explicit Parts(const Scope& network)
      : numbered(network.has("4.0.conv1.weight")),
        conv(network / (numbered ? "0" : "conv1")),
        norm(network / (numbered ? "1" : "bn1")),
        activation(network / (numbered ? "2" : "relu")),
        pool(network / (numbered ? "3" : "maxpool")),
        body(network) {}
  Scope layer(int k) const { return numbered ? body / (k + 3) : body / fmt::format("layer{}", k); }

  bool numbered;
  Scope conv;
  Scope norm;
  Scope activation;
  Scope pool;
  Scope body;
};

/// conv1 with bn1, conv2 with bn2, ...
Value conv_norm(Scope s, int index, Value x, const Conv2d& options, double eps) {
  return conv_norm(s / fmt::format("conv{}", index), s / fmt::format("bn{}", index), x, options,
                   eps);
}

Value shortcut(Scope s, Value x, std::int64_t channels, std::int64_t stride, double eps) {
  const Scope downsample = s / "downsample";
  if (!downsample.has("0.weight")) return x;
  const Conv2d options{.out = channels, .stride = stride, .bias = false};
  return batch_norm(downsample / 1, conv2d(downsample / 0, x, options), eps);
}

Value joined_paths(Scope s, Value branch, Value x, std::int64_t stride, double eps) {
  const Value identity = shortcut(s, x, branch.dim(1).number(), stride, eps);
  (s / "relu").computes(ModuleKind::kReLU);
  const NameScope names(s.graph(), s.prefix());
  // Converted models round the sum; BasicBlock and Bottleneck name that differently.
  const Value sum = rounded(s / "add_relu", rounded(s / "skip_add_relu", branch + identity));
  return activated(sum, Activation::kRelu);
}

/// BasicBlock has no dilation: torchvision refuses to make one.
Value basic_block(Scope s, Value x, std::int64_t stride, double eps) {
  s.computes(ModuleKind::kBasicBlock);
  Value y = relu(s, conv_norm(s, 1, x, {.kernel = 3, .stride = stride}, eps));
  y = conv_norm(s, 2, y, {.kernel = 3}, eps);
  return joined_paths(s, y, x, stride, eps);
}

/// The number of groups is what divides the input channels down to those of the weight.
std::int64_t groups_of(Scope conv, std::int64_t in) {
  const std::optional<Shape> weight = conv.shape("weight");
  if (!weight || weight->size() != 4 || (*weight)[1] < 1) return 1;
  return std::max<std::int64_t>(1, in / (*weight)[1]);
}

struct Step {
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
};

Value bottleneck(Scope s, Value x, const Step& step, double eps) {
  s.computes(ModuleKind::kBottleneck);
  Value y = relu(s, conv_norm(s, 1, x, {}, eps));
  const std::int64_t width = y.dim(1).number();
  const std::int64_t groups = groups_of(s / "conv2", width);
  const Conv2d options{.out = width,
                       .kernel = 3,
                       .stride = step.stride,
                       .dilation = step.dilation,
                       .groups = groups};
  y = relu(s, conv_norm(s, 2, y, options, eps));
  y = conv_norm(s, 3, y, {}, eps);
  return joined_paths(s, y, x, step.stride, eps);
}

/// `first` is of the first block, the dilation of the others is that of `rest`.
Value layer(Scope s, Value x, const Step& first, const Step& rest, double eps) {
  for (int k = 0; k == 0 || (s / k).has("conv1.weight"); ++k) {
    const Scope block = s / k;
    const Step& step = k == 0 ? first : rest;
    x = block.has("conv3.weight") ? bottleneck(block, x, step, eps)
                                  : basic_block(block, x, step.stride, eps);
  }
  return x;
}

Value stem(const Parts& parts, Value x, double eps) {
  const Conv2d options{.kernel = 7, .stride = 2, .bias = false};
  const Value y = relu(parts.body, batch_norm(parts.norm, conv2d(parts.conv, x, options), eps));
  const PoolAttributes pool{.kernel = 3, .stride = 2, .padding = 1};
  parts.activation.computes(ModuleKind::kReLU);
  computes_max_pool(parts.pool, pool);
  const NameScope names(parts.body.graph(), (parts.body / "maxpool").prefix());
  return max_pool(y, pool);
}

/// No builder of torchvision makes a ResNet with GroupNorm, whose groups are not in the weights.
void require_batch_norm(Scope norm) {
  if (!norm.has("weight") || norm.has("running_mean")) return;
  throw Error(
      {.code = "W001",
       .found = fmt::format("{} has no running statistics: saved with parameters() only, or "
                            "GroupNorm or the like in a ResNet, which is not supported",
                            norm.prefix()),
       .where = {.item = norm.prefix() + ".weight"},
       .expected = "BatchNorm2d or FrozenBatchNorm2d, as torchvision's builders make",
       .hint = fmt::format("save model.state_dict(), which has the statistics; with "
                           "GroupNorm {}",
                           kWayByTracing)});
}

int block_count(Scope stage) {
  int count = 0;
  while ((stage / count).has("conv1.weight")) ++count;
  return count;
}

std::vector<int> block_counts(const Parts& parts) {
  std::vector<int> counts;
  for (int k = 1; k <= kResNetLayers && block_count(parts.layer(k)) > 0; ++k) {
    counts.push_back(block_count(parts.layer(k)));
  }
  return counts;
}

/// "50" for the numbers of blocks of ResNet-50 or of its first layers, "" if there is none.
std::string depth_text(const std::vector<int>& counts, bool bottlenecks) {
  struct Depth {
    std::string_view text;
    bool bottlenecks;
    std::array<int, kResNetLayers> counts;
  };
  static constexpr auto kDepths = std::to_array<Depth>({{"18", false, {2, 2, 2, 2}},
                                                        {"34", false, {3, 4, 6, 3}},
                                                        {"50", true, {3, 4, 6, 3}},
                                                        {"101", true, {3, 4, 23, 3}},
                                                        {"152", true, {3, 8, 36, 3}}});
  for (const Depth& depth : kDepths) {
    if (depth.bottlenecks == bottlenecks &&
        std::ranges::equal(counts, depth.counts | std::views::take(counts.size()))) {
      return std::string(depth.text);
    }
  }
  return "";
}

}  // namespace

bool is_resnet(Scope body) {
  return Parts(body).layer(1).has("0.conv1.weight");
}

Scope resnet_stem(Scope body) {
  return Parts(body).conv;
}

std::string resnet_name(Scope body) {
  const Parts parts(body);
  const std::vector<int> counts = block_counts(parts);
  const Scope first = parts.layer(1) / 0;
  const bool bottlenecks = first.has("conv3.weight");
  const std::string depth = depth_text(counts, bottlenecks);
  if (depth.empty()) return fmt::format("a ResNet of {} blocks", fmt::join(counts, ", "));
  const std::optional<Shape> shape = first.shape("conv2.weight");
  if (!bottlenecks || !shape || shape->size() != 4) return "ResNet-" + depth;
  const std::int64_t groups = groups_of(first / "conv2", (*shape)[0]);
  if (groups > 1) return fmt::format("ResNeXt-{} {}x{}d", depth, groups, (*shape)[1]);
  return (*shape)[0] > 64 ? fmt::format("Wide ResNet-{}-{}", depth, (*shape)[0] / 64)
                          : "ResNet-" + depth;
}

std::vector<FeatureMap> resnet_maps(Scope body, Value x, double norm_eps) {
  return dilated_resnet_maps(body, x, norm_eps, {});
}

std::vector<FeatureMap> dilated_resnet_maps(Scope body, Value x, double norm_eps,
                                            const std::array<bool, 3>& dilated) {
  const Parts parts(body);
  require_batch_norm(parts.norm);
  Value y = stem(parts, x, norm_eps);
  std::vector<FeatureMap> maps;
  std::int64_t stride = 4;
  std::int64_t dilation = 1;
  for (int k = 1; k <= kResNetLayers; ++k) {
    const Scope stage = parts.layer(k);
    if (k > 1 && !stage.has("0.conv1.weight")) break;
    const bool dilates = k > 1 && dilated[static_cast<std::size_t>(k - 2)];
    // The first block still has the dilation of the layer before.
    const Step first{k == 1 || dilates ? 1 : 2, dilation};
    if (dilates) dilation *= 2;
    stride *= first.stride;
    y = layer(stage, y, first, {1, dilation}, norm_eps);
    maps.push_back({y, stride, fmt::format("layer{}", k)});
  }
  return maps;
}

}  // namespace tv2onnx
