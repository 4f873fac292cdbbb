#include "zoo/classification/inception.h"

#include <string_view>

#include "nn/pooling.h"
#include "nn/quantised.h"
#include "zoo/classification/classifier.h"
#include "zoo/classification/googlenet.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kSmallest = 75;  // smaller images leave nothing for the last layers

/// A module with branches, whose layers are its children.
struct Module {
  Scope s;
  double eps;

  Value conv(std::string_view name, Value x, const Conv2d& options) const {
    return basic_conv2d(s / name, x, options, eps);
  }
  /// Halves the size without padding.
  Value halving(std::string_view name, Value x, std::int64_t out) const {
    return conv(name, x, {.out = out, .kernel = 3, .stride = 2, .padding = 0});
  }
  Value row(std::string_view name, Value x, std::int64_t out, std::int64_t width) const {
    return conv(name, x, {.out = out, .kernel = 1, .kernel_width = width});
  }
  Value column(std::string_view name, Value x, std::int64_t out, std::int64_t height) const {
    return conv(name, x, {.out = out, .kernel = height, .kernel_width = 1});
  }
  /// The last branch of most: means, in which zeros of the padding count.
  Value pooled(Value x, std::int64_t out) const {
    return conv("branch_pool", pool(x, average_pool, {.kernel = 3, .stride = 1, .padding = 1}),
                {.out = out});
  }
  Value maxima(Value x) const { return pool(x, max_pool, {.kernel = 3, .stride = 2}); }
  Value joined(const std::vector<Value>& branches, std::string_view place = "myop") const {
    const NameScope names(s.graph(), s.prefix());
    return rounded(s / place, concat(branches, 1));
  }
  /// Converted models round the two together.
  void add_pair(std::vector<Value>& branches, std::string_view place, Value a, Value b) const {
    if ((s / place).has("scale")) return branches.push_back(joined({a, b}, place));
    branches.insert(branches.end(), {a, b});
  }

 private:
  /// Functions in torchvision, no modules.
  Value pool(Value x, Value (*function)(Value, const PoolAttributes&),
             const PoolAttributes& attributes) const {
    const NameScope names(s.graph(), s.prefix());
    return rounded_like(x, function(x, attributes));
  }
};

Value a(const Module& m, Value x, std::int64_t pooled) {
  const Value one = m.conv("branch1x1", x, {.out = 64});
  const Value five =
      m.conv("branch5x5_2", m.conv("branch5x5_1", x, {.out = 48}), {.out = 64, .kernel = 5});
  Value three = m.conv("branch3x3dbl_1", x, {.out = 64});
  three = m.conv("branch3x3dbl_2", three, {.out = 96, .kernel = 3});
  three = m.conv("branch3x3dbl_3", three, {.out = 96, .kernel = 3});
  return m.joined({one, five, three, m.pooled(x, pooled)});
}

Value b(const Module& m, Value x) {
  Value twice = m.conv("branch3x3dbl_1", x, {.out = 64});
  twice = m.conv("branch3x3dbl_2", twice, {.out = 96, .kernel = 3});
  twice = m.halving("branch3x3dbl_3", twice, 96);
  return m.joined({m.halving("branch3x3", x, 384), twice, m.maxima(x)});
}

Value c(const Module& m, Value x, std::int64_t width) {
  const Value one = m.conv("branch1x1", x, {.out = 192});
  Value seven = m.conv("branch7x7_1", x, {.out = width});
  seven = m.column("branch7x7_3", m.row("branch7x7_2", seven, width, 7), 192, 7);
  Value twice = m.conv("branch7x7dbl_1", x, {.out = width});
  twice = m.row("branch7x7dbl_3", m.column("branch7x7dbl_2", twice, width, 7), width, 7);
  twice = m.row("branch7x7dbl_5", m.column("branch7x7dbl_4", twice, width, 7), 192, 7);
  return m.joined({one, seven, twice, m.pooled(x, 192)});
}

Value d(const Module& m, Value x) {
  const Value three = m.halving("branch3x3_2", m.conv("branch3x3_1", x, {.out = 192}), 320);
  Value seven = m.row("branch7x7x3_2", m.conv("branch7x7x3_1", x, {.out = 192}), 192, 7);
  seven = m.halving("branch7x7x3_4", m.column("branch7x7x3_3", seven, 192, 7), 192);
  return m.joined({three, seven, m.maxima(x)});
}

Value e(const Module& m, Value x) {
  constexpr std::int64_t kWide = 384;
  const Value one = m.conv("branch1x1", x, {.out = 320});
  const Value three = m.conv("branch3x3_1", x, {.out = kWide});
  const Value twice = m.conv("branch3x3dbl_2", m.conv("branch3x3dbl_1", x, {.out = 448}),
                             {.out = kWide, .kernel = 3});
  std::vector<Value> branches{one};
  m.add_pair(branches, "myop1", m.row("branch3x3_2a", three, kWide, 3),
             m.column("branch3x3_2b", three, kWide, 3));
  m.add_pair(branches, "myop2", m.row("branch3x3dbl_3a", twice, kWide, 3),
             m.column("branch3x3dbl_3b", twice, kWide, 3));
  branches.push_back(m.pooled(x, 192));
  return m.joined(branches, "myop3");
}

Value stem(Scope s, const Module& m, Value x) {
  const PoolAttributes halving{.kernel = 3, .stride = 2};
  x = m.halving("Conv2d_1a_3x3", x, 32);
  x = m.conv("Conv2d_2a_3x3", x, {.out = 32, .kernel = 3, .padding = 0});
  x = m.conv("Conv2d_2b_3x3", x, {.out = 64, .kernel = 3});
  x = m.conv("Conv2d_3b_1x1", max_pool2d(s / "maxpool1", x, halving), {.out = 80});
  x = m.conv("Conv2d_4a_3x3", x, {.out = 192, .kernel = 3, .padding = 0});
  return max_pool2d(s / "maxpool2", x, halving);
}

void build(Scope s, const Config& config, const BuildOptions& options) {
  s.computes(ModuleKind::kInception);
  const double eps = norm_eps(config);
  const auto module = [&](std::string_view name) {
    (s / name).computes(ModuleKind::kInceptionModule);
    return Module{s / name, eps};
  };
  const Value input =
      classifier_input(s / "Conv2d_1a_3x3" / "conv", config, options, {.smallest = kSmallest});
  Value x = rounded(s / "quant", transformed_input(s, input, config));
  x = stem(s, Module{s, eps}, x);
  x = a(module("Mixed_5c"), a(module("Mixed_5b"), x, 32), 64);
  x = b(module("Mixed_6a"), a(module("Mixed_5d"), x, 64));
  x = c(module("Mixed_6c"), c(module("Mixed_6b"), x, 128), 160);
  x = c(module("Mixed_6e"), c(module("Mixed_6d"), x, 160), 192);
  x = e(module("Mixed_7b"), d(module("Mixed_7a"), x));
  (s / "AuxLogits").pass_over();  // only training uses it
  classify_maps(s, e(module("Mixed_7c"), x), "fc", {linear_layer()}, config, options);
}

}  // namespace

Model inception_v3() {
  return classifier("inception_v3", "Inception v3, for images of 299 x 299 pixels", build,
                    {.norm_eps = 1e-3, .more = transform_input_options()});
}

}  // namespace tv2onnx
