#include "zoo/classification/inception_modules.h"

#include <vector>

#include "nn/pooling.h"
#include "nn/quantised.h"
#include "zoo/classification/googlenet.h"

namespace tv2onnx {
namespace {

using Module = InceptionModule;

Value row(const Module& m, std::string_view name, Value x, std::int64_t out, std::int64_t width) {
  return m.conv(name, x, {.out = out, .kernel = 1, .kernel_width = width});
}

Value column(const Module& m, std::string_view name, Value x, std::int64_t out,
             std::int64_t height) {
  return m.conv(name, x, {.out = out, .kernel = height, .kernel_width = 1});
}

/// Functions in torchvision, no modules.
Value pool(const Module& m, Value x, Value (*function)(Value, const PoolAttributes&),
           const PoolAttributes& attributes) {
  const NameScope names(m.s.graph(), m.s.prefix());
  return rounded_like(x, function(x, attributes));
}

/// The last branch of most: means, in which zeros of the padding count.
Value pool_branch(const Module& m, Value x, std::int64_t out) {
  return m.conv("branch_pool", pool(m, x, average_pool, {.kernel = 3, .stride = 1, .padding = 1}),
                {.out = out});
}

Value maxima(const Module& m, Value x) {
  return pool(m, x, max_pool, {.kernel = 3, .stride = 2});
}

Value joined_branches(const Module& m, const std::vector<Value>& branches,
                      std::string_view place = "myop") {
  const NameScope names(m.s.graph(), m.s.prefix());
  return rounded(m.s / place, concat(branches, 1));
}

/// Converted models round the two together.
void add_pair(const Module& m, std::vector<Value>& branches, std::string_view place, Value a,
              Value b) {
  if ((m.s / place).has("scale")) return branches.push_back(joined_branches(m, {a, b}, place));
  branches.insert(branches.end(), {a, b});
}

}  // namespace

Value InceptionModule::conv(std::string_view name, Value x, const Conv2d& options) const {
  return basic_conv2d(s / name, x, options, eps);
}

Value InceptionModule::halving(std::string_view name, Value x, std::int64_t out) const {
  return conv(name, x, {.out = out, .kernel = 3, .stride = 2, .padding = 0});
}

Value inception_a(const Module& m, Value x, std::int64_t pooled) {
  const Value one = m.conv("branch1x1", x, {.out = 64});
  const Value five =
      m.conv("branch5x5_2", m.conv("branch5x5_1", x, {.out = 48}), {.out = 64, .kernel = 5});
  Value three = m.conv("branch3x3dbl_1", x, {.out = 64});
  three = m.conv("branch3x3dbl_2", three, {.out = 96, .kernel = 3});
  three = m.conv("branch3x3dbl_3", three, {.out = 96, .kernel = 3});
  return joined_branches(m, {one, five, three, pool_branch(m, x, pooled)});
}

Value inception_b(const Module& m, Value x) {
  Value twice = m.conv("branch3x3dbl_1", x, {.out = 64});
  twice = m.conv("branch3x3dbl_2", twice, {.out = 96, .kernel = 3});
  twice = m.halving("branch3x3dbl_3", twice, 96);
  return joined_branches(m, {m.halving("branch3x3", x, 384), twice, maxima(m, x)});
}

Value inception_c(const Module& m, Value x, std::int64_t width) {
  const Value one = m.conv("branch1x1", x, {.out = 192});
  Value seven = m.conv("branch7x7_1", x, {.out = width});
  seven = column(m, "branch7x7_3", row(m, "branch7x7_2", seven, width, 7), 192, 7);
  Value twice = m.conv("branch7x7dbl_1", x, {.out = width});
  twice = row(m, "branch7x7dbl_3", column(m, "branch7x7dbl_2", twice, width, 7), width, 7);
  twice = row(m, "branch7x7dbl_5", column(m, "branch7x7dbl_4", twice, width, 7), 192, 7);
  return joined_branches(m, {one, seven, twice, pool_branch(m, x, 192)});
}

Value inception_d(const Module& m, Value x) {
  const Value three = m.halving("branch3x3_2", m.conv("branch3x3_1", x, {.out = 192}), 320);
  Value seven = row(m, "branch7x7x3_2", m.conv("branch7x7x3_1", x, {.out = 192}), 192, 7);
  seven = m.halving("branch7x7x3_4", column(m, "branch7x7x3_3", seven, 192, 7), 192);
  return joined_branches(m, {three, seven, maxima(m, x)});
}

Value inception_e(const Module& m, Value x) {
  constexpr std::int64_t kWide = 384;
  const Value one = m.conv("branch1x1", x, {.out = 320});
  const Value three = m.conv("branch3x3_1", x, {.out = kWide});
  const Value twice = m.conv("branch3x3dbl_2", m.conv("branch3x3dbl_1", x, {.out = 448}),
                             {.out = kWide, .kernel = 3});
  std::vector<Value> branches{one};
  add_pair(m, branches, "myop1", row(m, "branch3x3_2a", three, kWide, 3),
           column(m, "branch3x3_2b", three, kWide, 3));
  add_pair(m, branches, "myop2", row(m, "branch3x3dbl_3a", twice, kWide, 3),
           column(m, "branch3x3dbl_3b", twice, kWide, 3));
  branches.push_back(pool_branch(m, x, 192));
  return joined_branches(m, branches, "myop3");
}

}  // namespace tv2onnx
