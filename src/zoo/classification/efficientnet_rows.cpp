#include "zoo/classification/efficientnet_rows.h"

#include <algorithm>
#include <cmath>

namespace tv2onnx {
namespace {

/// EfficientNet-B0, wider and deeper.
EfficientNetRow scaled(int number, double width, double depth, double norm_eps) {
  std::vector<EfficientNetStage> stages{{false, 1, 3, 1, 32, 16, 1},  {false, 6, 3, 2, 16, 24, 2},
                                        {false, 6, 5, 2, 24, 40, 2},  {false, 6, 3, 2, 40, 80, 3},
                                        {false, 6, 5, 1, 80, 112, 3}, {false, 6, 5, 2, 112, 192, 4},
                                        {false, 6, 3, 1, 192, 320, 1}};
  for (EfficientNetStage& stage : stages) {
    stage.in = divisible_channels(static_cast<double>(stage.in) * width);
    stage.out = divisible_channels(static_cast<double>(stage.out) * width);
    stage.blocks = static_cast<int>(std::ceil(stage.blocks * depth));
  }
  const std::string text = std::to_string(number);
  const std::int64_t last = 4 * stages.back().out;
  return {"efficientnet_b" + text, "EfficientNet-B" + text, norm_eps, std::move(stages), last};
}

}  // namespace

std::int64_t divisible_channels(double channels) {
  constexpr std::int64_t kMultiple = 8;
  const auto rounded = static_cast<std::int64_t>(channels + kMultiple / 2.0);
  const std::int64_t even = std::max(kMultiple, rounded / kMultiple * kMultiple);
  return static_cast<double>(even) < 0.9 * channels ? even + kMultiple : even;
}

const std::vector<EfficientNetRow>& efficientnet_rows() {
  constexpr double kUsual = 1e-5;
  constexpr double kLarge = 1e-3;
  static const std::vector<EfficientNetRow> table{
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

}  // namespace tv2onnx
