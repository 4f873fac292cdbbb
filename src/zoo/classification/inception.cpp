#include "zoo/classification/inception.h"

#include <string_view>

#include "nn/pooling.h"
#include "nn/quantised.h"
#include "zoo/classification/classifier.h"
#include "zoo/classification/googlenet.h"
#include "zoo/classification/inception_modules.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kSmallestInception = 75;  // smaller images leave nothing for the last layers

Value stem(Scope s, const InceptionModule& m, Value x) {
  const PoolAttributes halving{.kernel = 3, .stride = 2};
  x = m.halving("Conv2d_1a_3x3", x, 32);
  x = m.conv("Conv2d_2a_3x3", x, {.out = 32, .kernel = 3, .padding = 0});
  x = m.conv("Conv2d_2b_3x3", x, {.out = 64, .kernel = 3});
  x = m.conv("Conv2d_3b_1x1", max_pool2d(s / "maxpool1", x, halving), {.out = 80});
  x = m.conv("Conv2d_4a_3x3", x, {.out = 192, .kernel = 3, .padding = 0});
  return max_pool2d(s / "maxpool2", x, halving);
}

void build_inception(Scope s, const Config& config, const BuildOptions& options) {
  s.computes(ModuleKind::kInception);
  const double eps = norm_eps(config);
  const auto module = [&](std::string_view name) {
    (s / name).computes(ModuleKind::kInceptionModule);
    return InceptionModule{s / name, eps};
  };
  const Value input = classifier_input(s / "Conv2d_1a_3x3" / "conv", config, options,
                                       {.smallest = kSmallestInception});
  Value x = rounded(s / "quant", transformed_input(s, input, config));
  x = stem(s, InceptionModule{s, eps}, x);
  x = inception_a(module("Mixed_5c"), inception_a(module("Mixed_5b"), x, 32), 64);
  x = inception_b(module("Mixed_6a"), inception_a(module("Mixed_5d"), x, 64));
  x = inception_c(module("Mixed_6c"), inception_c(module("Mixed_6b"), x, 128), 160);
  x = inception_c(module("Mixed_6e"), inception_c(module("Mixed_6d"), x, 160), 192);
  x = inception_e(module("Mixed_7b"), inception_d(module("Mixed_7a"), x));
  (s / "AuxLogits").pass_over();  // only training uses it
  classify_maps(s, inception_e(module("Mixed_7c"), x), "fc", {linear_layer()}, config, options);
}

}  // namespace

Model inception_v3() {
  return classifier("inception_v3", "Inception v3, for images of 299 x 299 pixels", build_inception,
                    {.norm_eps = 1e-3, .more = transform_input_options()});
}

}  // namespace tv2onnx
