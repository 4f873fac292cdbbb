#include "zoo/classification/googlenet.h"

#include <array>

#include "nn/pooling.h"
#include "nn/quantised.h"
#include "zoo/classification/classifier.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kSmallestGoogLeNet = 15;  // smaller images leave nothing for the last layers

struct Branches {
  const char* name;
  std::int64_t one, three_reduced, three, five_reduced, five, pooled;
};
constexpr auto kThree = std::to_array<Branches>(
    {{"inception3a", 64, 96, 128, 16, 32, 32}, {"inception3b", 128, 128, 192, 32, 96, 64}});
constexpr auto kFour = std::to_array<Branches>({{"inception4a", 192, 96, 208, 16, 48, 64},
                                                {"inception4b", 160, 112, 224, 24, 64, 64},
                                                {"inception4c", 128, 128, 256, 24, 64, 64},
                                                {"inception4d", 112, 144, 288, 32, 64, 64},
                                                {"inception4e", 256, 160, 320, 32, 128, 128}});
constexpr auto kFive = std::to_array<Branches>(
    {{"inception5a", 256, 160, 320, 32, 128, 128}, {"inception5b", 384, 192, 384, 48, 128, 128}});

Value inception_block(Scope s, Value x, const Branches& sizes, double eps) {
  s.computes(ModuleKind::kInceptionModule);
  const auto narrow_then_wide = [&](Scope branch, std::int64_t narrow, std::int64_t wide) {
    const Value y = basic_conv2d(branch / 0, x, {.out = narrow}, eps);
    return basic_conv2d(branch / 1, y, {.out = wide, .kernel = 3}, eps);
  };
  const Value one = basic_conv2d(s / "branch1", x, {.out = sizes.one}, eps);
  const Value three = narrow_then_wide(s / "branch2", sizes.three_reduced, sizes.three);
  // Called 5x5 in the paper; torchvision's kernels have 3x3.
  const Value five = narrow_then_wide(s / "branch3", sizes.five_reduced, sizes.five);
  const Scope last = s / "branch4";
  const Value maxima =
      max_pool2d(last / 0, x, {.kernel = 3, .stride = 1, .padding = 1, .ceil = true});
  const Value pooled = basic_conv2d(last / 1, maxima, {.out = sizes.pooled}, eps);
  const NameScope names(s.graph(), s.prefix());
  return rounded(s / "cat", concat({one, three, five, pooled}, 1));
}

template <typename Stage>
Value stage(Scope s, Value x, const Stage& blocks, double eps) {
  for (const Branches& sizes : blocks) x = inception_block(s / sizes.name, x, sizes, eps);
  return x;
}

/// The auxiliary heads, which only training uses, may be in a file or not.
void pass_over_heads(Scope s) {
  for (const char* name : {"aux1", "aux2"}) (s / name).pass_over();
}

void build_googlenet(Scope s, const Config& config, const BuildOptions& options) {
  s.computes(ModuleKind::kGoogLeNet);
  const double eps = norm_eps(config);
  const PoolAttributes halving{.kernel = 3, .stride = 2, .ceil = true};
  Value x = transformed_input(
      s, classifier_input(s / "conv1" / "conv", config, options, {.smallest = kSmallestGoogLeNet}),
      config);
  x = basic_conv2d(s / "conv1", rounded(s / "quant", x), {.out = 64, .kernel = 7, .stride = 2},
                   eps);
  x = max_pool2d(s / "maxpool1", x, halving);
  x = basic_conv2d(s / "conv2", x, {.out = 64}, eps);
  x = basic_conv2d(s / "conv3", x, {.out = 192, .kernel = 3}, eps);
  x = max_pool2d(s / "maxpool2", x, halving);
  x = max_pool2d(s / "maxpool3", stage(s, x, kThree, eps), halving);
  x = max_pool2d(s / "maxpool4", stage(s, x, kFour, eps), {.ceil = true});
  x = stage(s, x, kFive, eps);
  pass_over_heads(s);
  classify_maps(s, x, "fc", {linear_layer()}, config, options);
}

}  // namespace

Value basic_conv2d(Scope s, Value x, const Conv2d& options, double norm_eps) {
  s.computes(ModuleKind::kBasicConv);
  const Value y = conv_norm(s / "conv", s / "bn", x, options, norm_eps);
  const NameScope names(s.graph(), s.prefix());
  return activated(y, Activation::kRelu);  // a function in torchvision, no module
}

namespace {
struct TransformInput {
  bool on = false;
};
void option_rows(OptionRows& row, TransformInput& settings) {
  row("transform_input", kinds::kFlag, "transform_input",
      "rescales the image from ImageNet's mean and std to 0.5: true in torchvision's own weights",
      settings.on);
}
}  // namespace

std::vector<Option> transform_input_options() {
  return declare_options(TransformInput{});
}

Value transformed_input(Scope s, Value x, const Config& config) {
  if (!assumed_flag(s, config, "transform_input",
                    "it is true in torchvision's own weights and what was trained from them")) {
    return x;
  }
  const NameScope names(s.graph(), "transform_input");
  const auto per_channel = [&](std::vector<float> values) {
    return reshape(floats(s.graph(), std::move(values)), {3, 1, 1});
  };
  return x * per_channel({0.229F / 0.5F, 0.224F / 0.5F, 0.225F / 0.5F}) +
         per_channel({(0.485F - 0.5F) / 0.5F, (0.456F - 0.5F) / 0.5F, (0.406F - 0.5F) / 0.5F});
}

Model googlenet() {
  return classifier("googlenet", "GoogLeNet", build_googlenet,
                    {.norm_eps = 1e-3, .more = transform_input_options()});
}

}  // namespace tv2onnx
