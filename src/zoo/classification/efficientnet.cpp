#include "zoo/classification/efficientnet.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "zoo/classification/classifier.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kSqueeze = 4;  // the block's input channels by those between the two layers

struct Stage {
  bool fused;  ///< FusedMBConv: the expansion is done by the wide convolution
  std::int64_t expansion, kernel, stride, in, out;
  int blocks;
};
struct Row {
  std::string name;
  std::string description;
  double norm_eps;
  std::vector<Stage> stages;
  std::int64_t last;  ///< channels before the head
};

/// torchvision's _make_divisible(): to a multiple of 8, and not down by more than a tenth.
std::int64_t divisible(double channels) {
  constexpr std::int64_t kMultiple = 8;
  const auto rounded = static_cast<std::int64_t>(channels + kMultiple / 2.0);
  const std::int64_t even = std::max(kMultiple, rounded / kMultiple * kMultiple);
  return static_cast<double>(even) < 0.9 * channels ? even + kMultiple : even;
}

/// EfficientNet-B0, wider and deeper.
Row scaled(int number, double width, double depth, double norm_eps) {
  std::vector<Stage> stages{{false, 1, 3, 1, 32, 16, 1},  {false, 6, 3, 2, 16, 24, 2},
                            {false, 6, 5, 2, 24, 40, 2},  {false, 6, 3, 2, 40, 80, 3},
                            {false, 6, 5, 1, 80, 112, 3}, {false, 6, 5, 2, 112, 192, 4},
                            {false, 6, 3, 1, 192, 320, 1}};
  for (Stage& stage : stages) {
    stage.in = divisible(static_cast<double>(stage.in) * width);
    stage.out = divisible(static_cast<double>(stage.out) * width);
    stage.blocks = static_cast<int>(std::ceil(stage.blocks * depth));
  }
  const std::string text = std::to_string(number);
  const std::int64_t last = 4 * stages.back().out;
  return {"efficientnet_b" + text, "EfficientNet-B" + text, norm_eps, std::move(stages), last};
}

const std::vector<Row>& rows() {
  constexpr double kUsual = 1e-5;
  constexpr double kLarge = 1e-3;
  static const std::vector<Row> table{
      scaled(0, 1.0, 1.0, kUsual),
      scaled(1, 1.0, 1.1, kUsual),
      scaled(2, 1.1, 1.2, kUsual),
      scaled(3, 1.2, 1.4, kUsual),
      scaled(4, 1.4, 1.8, kUsual),
      scaled(5, 1.6, 2.2, kLarge),
      scaled(6, 1.8, 2.6, kLarge),
      scaled(7, 2.0, 3.1, kLarge),
      {"efficientnet_v2_s",
       "EfficientNetV2-S",
       kLarge,
       {{true, 1, 3, 1, 24, 24, 2},
        {true, 4, 3, 2, 24, 48, 4},
        {true, 4, 3, 2, 48, 64, 4},
        {false, 4, 3, 2, 64, 128, 6},
        {false, 6, 3, 1, 128, 160, 9},
        {false, 6, 3, 2, 160, 256, 15}},
       1280},
      {"efficientnet_v2_m",
       "EfficientNetV2-M",
       kLarge,
       {{true, 1, 3, 1, 24, 24, 3},
        {true, 4, 3, 2, 24, 48, 5},
        {true, 4, 3, 2, 48, 80, 5},
        {false, 4, 3, 2, 80, 160, 7},
        {false, 6, 3, 1, 160, 176, 14},
        {false, 6, 3, 2, 176, 304, 18},
        {false, 6, 3, 1, 304, 512, 5}},
       1280},
      {"efficientnet_v2_l",
       "EfficientNetV2-L",
       kLarge,
       {{true, 1, 3, 1, 32, 32, 4},
        {true, 4, 3, 2, 32, 64, 7},
        {true, 4, 3, 2, 64, 96, 7},
        {false, 4, 3, 2, 96, 192, 10},
        {false, 6, 3, 1, 192, 224, 19},
        {false, 6, 3, 2, 224, 384, 25},
        {false, 6, 3, 1, 384, 640, 7}},
       1280},
  };
  return table;
}

/// The layers of MBConv.
Value separable(Scope s, Value x, const Stage& stage, std::int64_t stride, double eps) {
  const std::int64_t in = x.dim(1).number();
  const std::int64_t wide = divisible(static_cast<double>(in * stage.expansion));
  Seq layers(s);
  Value y = x;
  if (wide != in) {
    y = conv_norm_activation(layers.next(), y, {.out = wide}, Activation::kSilu, eps);
  }
  y = conv_norm_activation(layers.next(), y,
                           {.out = wide, .kernel = stage.kernel, .stride = stride, .groups = wide},
                           Activation::kSilu, eps);
  y = squeeze_excitation(layers.next(), y,
                         {.squeezed = std::max<std::int64_t>(1, in / kSqueeze),
                          .activation = Activation::kSilu,
                          .scale = Activation::kSigmoid});
  return conv_norm_activation(layers.next(), y, {.out = stage.out}, Activation::kNone, eps);
}

/// The layers of FusedMBConv.
Value fused(Scope s, Value x, const Stage& stage, std::int64_t stride, double eps) {
  const std::int64_t in = x.dim(1).number();
  const std::int64_t wide = divisible(static_cast<double>(in * stage.expansion));
  const bool expands = wide != in;
  const Value y = conv_norm_activation(
      s / 0, x, {.out = expands ? wide : stage.out, .kernel = stage.kernel, .stride = stride},
      Activation::kSilu, eps);
  if (!expands) return y;
  return conv_norm_activation(s / 1, y, {.out = stage.out}, Activation::kNone, eps);
}

Value block(Scope s, Value x, const Stage& stage, std::int64_t stride, double eps) {
  const bool residual = stride == 1 && x.dim(1) == Dim(stage.out);
  s.computes(stage.fused ? ModuleKind::kFusedMbConv : ModuleKind::kMbConv,
             {{"use_res_connect", {residual}}});
  const Value y = (stage.fused ? fused : separable)(s / "block", x, stage, stride, eps);
  const NameScope names(s.graph(), s.prefix());
  return residual ? y + x : y;
}

void build(Scope s, const Row& row, const Config& config, const BuildOptions& options) {
  s.computes(ModuleKind::kEfficientNet);
  const double eps = norm_eps(config);
  Seq features(s / "features");
  const Scope stem = features.next();
  Value x = classifier_input(stem / 0, options);
  x = conv_norm_activation(stem, x, {.out = row.stages[0].in, .kernel = 3, .stride = 2},
                           Activation::kSilu, eps);
  for (const Stage& stage : row.stages) {
    const Scope blocks = features.next();
    for (int n = 0; n < stage.blocks; ++n) {
      x = block(blocks / n, x, stage, n == 0 ? stage.stride : 1, eps);
    }
  }
  x = conv_norm_activation(features.next(), x, {.out = row.last}, Activation::kSilu, eps);
  classify_maps(s, x, "classifier", {dropout_layer(), linear_layer()}, config);
}

/// torchvision's own weights of the largest are for another normalisation than all others.
ClassifierSettings settings_of_row(const Row& row) {
  ClassifierSettings settings{.norm_eps = row.norm_eps};
  if (row.name == "efficientnet_v2_l") settings.normalisation = {{0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}};
  return settings;
}

}  // namespace

std::vector<Model> efficientnets() {
  return classifiers<Row>(rows(), build, settings_of_row);
}

}  // namespace tv2onnx
