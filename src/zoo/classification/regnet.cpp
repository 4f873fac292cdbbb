#include "zoo/classification/regnet.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>

#include "zoo/classification/classifier.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kStem = 32;
constexpr std::int64_t kRegNetSqueeze =
    4;  // the block's input channels by those between the two layers

struct RegNetRow {
  const char* name;
  const char* description;
  std::int64_t group_width;
  std::array<int, 4> blocks;             ///< of each stage
  std::array<std::int64_t, 4> channels;  ///< likewise
  bool squeeze;                          ///< RegNetY has squeeze-excitation, RegNetX has not
};
constexpr auto kRegNetRows = std::to_array<RegNetRow>({
    {"regnet_x_400mf", "RegNetX 400MF", 16, {1, 2, 7, 12}, {32, 64, 160, 400}, false},
    {"regnet_x_800mf", "RegNetX 800MF", 16, {1, 3, 7, 5}, {64, 128, 288, 672}, false},
    {"regnet_x_1_6gf", "RegNetX 1.6GF", 24, {2, 4, 10, 2}, {72, 168, 408, 912}, false},
    {"regnet_x_3_2gf", "RegNetX 3.2GF", 48, {2, 6, 15, 2}, {96, 192, 432, 1008}, false},
    {"regnet_x_8gf", "RegNetX 8GF", 120, {2, 5, 15, 1}, {80, 240, 720, 1920}, false},
    {"regnet_x_16gf", "RegNetX 16GF", 128, {2, 6, 13, 1}, {256, 512, 896, 2048}, false},
    {"regnet_x_32gf", "RegNetX 32GF", 168, {2, 7, 13, 1}, {336, 672, 1344, 2520}, false},
    {"regnet_y_400mf", "RegNetY 400MF", 8, {1, 3, 6, 6}, {48, 104, 208, 440}, true},
    {"regnet_y_800mf", "RegNetY 800MF", 16, {1, 3, 8, 2}, {64, 144, 320, 784}, true},
    {"regnet_y_1_6gf", "RegNetY 1.6GF", 24, {2, 6, 17, 2}, {48, 120, 336, 888}, true},
    {"regnet_y_3_2gf", "RegNetY 3.2GF", 24, {2, 5, 13, 1}, {72, 216, 576, 1512}, true},
    {"regnet_y_8gf", "RegNetY 8GF", 56, {2, 4, 10, 1}, {224, 448, 896, 2016}, true},
    {"regnet_y_16gf", "RegNetY 16GF", 112, {2, 4, 11, 1}, {224, 448, 1232, 3024}, true},
    {"regnet_y_32gf", "RegNetY 32GF", 232, {2, 5, 12, 1}, {232, 696, 1392, 3712}, true},
    {"regnet_y_128gf", "RegNetY 128GF", 264, {2, 7, 17, 1}, {528, 1056, 2904, 7392}, true},
});

/// Python's round(): halves go to the even neighbour.
std::int64_t squeezed(std::int64_t channels) {
  return std::llrint(static_cast<double>(channels) / kRegNetSqueeze);
}

Value bottleneck(Scope s, Value x, std::int64_t out, std::int64_t stride, const RegNetRow& row,
                 double eps) {
  const std::int64_t groups = out / std::min(out, row.group_width);
  const Activation relu = Activation::kRelu;
  Value y = conv_norm_activation(s / "a", x, {.out = out}, relu, eps);
  y = conv_norm_activation(
      s / "b", y, {.out = out, .kernel = 3, .stride = stride, .groups = groups}, relu, eps);
  if (row.squeeze) {
    y = squeeze_excitation(
        s / "se", y, {.squeezed = squeezed(x.dim(1).number()), .scale = Activation::kSigmoid});
  }
  return conv_norm_activation(s / "c", y, {.out = out}, Activation::kNone, eps);
}

Value regnet_block(Scope s, Value x, std::int64_t out, std::int64_t stride, const RegNetRow& row,
                   double eps) {
  s.computes(ModuleKind::kRegNetBlock);
  const bool projected = stride != 1 || x.dim(1) != Dim(out);
  const Value shortcut = projected
                             ? conv_norm_activation(s / "proj", x, {.out = out, .stride = stride},
                                                    Activation::kNone, eps)
                             : x;
  const Value y = bottleneck(s / "f", x, out, stride, row, eps);
  Value sum;
  {
    const NameScope names(s.graph(), s.prefix());
    sum = shortcut + y;
  }
  return activate(s / "activation", sum, Activation::kRelu);
}

/// The stage `k` of a RegNet, and its blocks.
std::string stage_name(std::size_t k) {
  return fmt::format("block{}", k + 1);
}
Scope stage_at(Scope s, std::size_t k) {
  return s / "trunk_output" / stage_name(k);
}
Scope block_at(Scope s, std::size_t k, int n) {
  return stage_at(s, k) / fmt::format("{}-{}", stage_name(k), n);
}

/// What the stem and the first `count` stages give.
std::vector<FeatureMap> stages_of(Scope s, const RegNetRow& row, Value x, double eps,
                                  std::size_t count) {
  x = conv_norm_activation(s / "stem", x, {.out = kStem, .kernel = 3, .stride = 2},
                           Activation::kRelu, eps);
  std::vector<FeatureMap> maps{{x, 2, "stem"}};
  for (std::size_t k = 0; k < count; ++k) {
    for (int n = 0; n < row.blocks[k]; ++n) {
      x = regnet_block(block_at(s, k, n), x, row.channels[k], n == 0 ? 2 : 1, row, eps);
    }
    maps.push_back({x, 2 * maps.back().stride, "trunk_output." + stage_name(k)});
  }
  return maps;
}

std::size_t stages_in(Scope s) {
  std::size_t count = 0;
  while (stage_at(s, count).holds_tensors()) ++count;
  return count;
}

bool has_stages(Scope s, const RegNetRow& row, std::size_t count) {
  for (std::size_t k = 0; k < count; ++k) {
    const std::optional<Shape> weight = (block_at(s, k, 0) / "f" / "c").shape("0.weight");
    if (!weight || weight->front() != row.channels[k]) return false;
    if (block_at(s, k, row.blocks[k]).holds_tensors()) return false;
    if (!block_at(s, k, row.blocks[k] - 1).holds_tensors()) return false;
  }
  const std::optional<Shape> grouped = (block_at(s, 0, 0) / "f" / "b").shape("0.weight");
  return grouped && grouped->size() == 4 &&
         (*grouped)[1] == std::min(row.group_width, row.channels[0]) &&
         (block_at(s, 0, 0) / "f" / "se").holds_tensors() == row.squeeze;
}

void build_regnet(Scope s, const RegNetRow& row, const Config& config,
                  const BuildOptions& options) {
  s.computes(ModuleKind::kRegNet);
  const Value image = classifier_input(s / "stem" / 0, config, options);
  const Value x = stages_of(s, row, image, norm_eps(config), row.blocks.size()).back().x;
  classify_maps(s, x, "fc", {linear_layer()}, config, options);
}

}  // namespace

std::optional<Body> regnet_body(Scope s) {
  const std::size_t count = stages_in(s);
  if (count == 0) return std::nullopt;
  for (const RegNetRow& row : kRegNetRows) {
    if (count > row.blocks.size() || !has_stages(s, row, count)) continue;
    const auto maps = [s, &row, count](Value x, double eps) {
      return stages_of(s, row, x, eps, count);
    };
    return Body{.name = row.description, .body = s, .stem = s / "stem" / 0, .maps = maps};
  }
  return std::nullopt;
}

std::vector<Model> regnets() {
  return classifiers<RegNetRow>(kRegNetRows, build_regnet);
}

}  // namespace tv2onnx
