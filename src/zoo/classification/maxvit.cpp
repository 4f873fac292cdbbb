#include "zoo/classification/maxvit.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>

#include "nn/computed_parts.h"
#include "nn/partition_attention.h"
#include "nn/pooling.h"
#include "tv2onnx/error.h"
#include "zoo/classification/classifier.h"
#include "zoo/features.h"

namespace tv2onnx {
namespace {

constexpr double kNormEps = 1e-3;   // of batch normalisation
constexpr double kLayerEps = 1e-5;  // of LayerNorm
constexpr std::int64_t kStride = 32;
constexpr std::int64_t kStep = kStride * kPartition;  // sizes are multiples: 224, 448
constexpr std::int64_t kStemChannels = 64;
constexpr std::array<std::int64_t, 4> kChannels{64, 128, 256, 512};
constexpr std::array<int, 4> kMaxVitLayers{2, 2, 5, 2};

/// A whole module says it, and has it built in.
std::int64_t size_of_module(std::int64_t size, const BuildOptions& options) {
  if (!options.detection.size || options.detection.size->front() == size) return size;
  throw Error({.code = "U002",
               .found = fmt::format("{}x{}", options.detection.size->front(),
                                    options.detection.size->back()),
               .where = {.item = "--size"},
               .expected = fmt::format("no --size: the module is built for {0}x{0}, and PyTorch "
                                       "runs it at no other size",
                                       size),
               .hint = "its state_dict() can be exported for other sizes"});
}

/// A state dict does not say for which size the network was built.
std::int64_t built_size(Scope s, const Config& config, const BuildOptions& options) {
  const Setting* grid = (s / "blocks" / 0).stated("grid_size");
  double side = 0;
  if (grid != nullptr && grid->list() != nullptr && !grid->list()->empty() &&
      grid->list()->front().number(side)) {
    return size_of_module(4 * static_cast<std::int64_t>(side), options);
  }
  if (!options.detection.size && config.origin("crop_size") == "default") {
    s.assume(
        fmt::format("images of {0}x{0}, as a state dict does not store for which size the "
                    "network was built; another multiple of {0}: --size {1}x{1}",
                    kStep, 2 * kStep));
  }
  return kStep;
}

/// MBConv. The shortcut takes x before its normalisation.
Value mb_conv(Scope s, Value x, std::int64_t out, std::int64_t stride, double eps) {
  s.computes(ModuleKind::kMaxVitMbConv);
  Value shortcut = x;
  if (stride > 1) {
    const Scope proj = s / "proj";
    const Value pooled = average_pool2d(proj / 0, x, {.kernel = 3, .stride = stride, .padding = 1});
    shortcut = conv2d(proj / 1, pooled, {.out = out});
  }
  const std::int64_t inner = 4 * out;
  const Scope layers = s / "layers";
  Value y = batch_norm(layers / "pre_norm", x, eps);
  y = conv_norm_activation(layers / "conv_a", y, {.out = inner}, Activation::kGelu, eps);
  y = conv_norm_activation(layers / "conv_b", y,
                           {.out = inner, .kernel = 3, .stride = stride, .groups = inner},
                           Activation::kGelu, eps);
  y = squeeze_excitation(
      layers / "squeeze_excitation", y,
      {.squeezed = out / 4, .activation = Activation::kSilu, .scale = Activation::kSigmoid});
  y = conv2d(layers / "conv_c", y, {.out = out});
  const NameScope names(s.graph(), s.prefix());
  return shortcut + y;
}

/// \param side of the map that it gives
Value layer(Scope s, Value x, std::int64_t side, std::int64_t out, std::int64_t stride,
            double eps) {
  s.computes(ModuleKind::kMaxVitLayer);
  const Scope layers = s / "layers";
  x = mb_conv(layers / "MBconv", x, out, stride, eps);
  x = partition_attention(layers / "window_attention", x, side, false);
  return partition_attention(layers / "grid_attention", x, side, true);
}

void build_maxvit(Scope s, const Config& config, const BuildOptions& options) {
  s.computes(ModuleKind::kMaxVit);
  const double eps = norm_eps(config);
  const Scope stem = s / "stem";
  const std::int64_t size = square_size(options, built_size(s, config, options), kStep);
  Value x = classifier_input(stem / 0 / 0, config, options, {.only = size});
  x = conv_norm_activation(stem / 0, x, {.out = kStemChannels, .kernel = 3, .stride = 2},
                           Activation::kGelu, eps);
  x = conv2d(stem / 1 / 0, x, {.out = kStemChannels, .kernel = 3});
  for (std::size_t k = 0; k < kMaxVitLayers.size(); ++k) {
    const Scope stage = s / "blocks" / k;
    stage.computes(ModuleKind::kMaxVitBlock);
    for (int n = 0; n < kMaxVitLayers[k]; ++n) {
      x = layer(stage / "layers" / n, x, (size / 4) >> k, kChannels[k], n == 0 ? 2 : 1, eps);
    }
  }
  const Scope head = s / "classifier";
  Value y = mean_over_positions(head / 0, x);
  computes_flatten(head / 1);
  y = linear(head / 3, layer_norm(head / 2, y, kLayerEps), kChannels.back());
  y = activate(head / 4, y, Activation::kTanh);
  classify_features(head / 5, y, {linear_layer()}, config, options);
  // Torch has the tokens of each window apart.
  in_torchs_shapes(s.graph(), options.features, [](std::string_view path, Value value) {
    if (path.find("_layer") == std::string_view::npos) return ShapeOfModule::result_type();
    return as_places(value,
                     {ints(*value.graph, {-1}), ints(*value.graph, {kPartition * kPartition})});
  });
}

}  // namespace

Model maxvit_t() {
  return classifier("maxvit_t", "MaxViT, tiny", build_maxvit, {.norm_eps = kNormEps});
}

}  // namespace tv2onnx
