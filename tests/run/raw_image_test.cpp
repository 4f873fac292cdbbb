#include "run/raw_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/golden.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using testing::expect_near;
using testing::Golden;

RawModel model_of(const ImageSize& input, double min_size, double max_size) {
  RawModel model{.input = input, .transform = {}, .selection = {}, .references = {}, .levels = {}};
  model.transform.min_size = min_size;
  model.transform.max_size = max_size;
  model.transform.rule = ResizeRule::kFloat32;
  return model;
}

Tensor normalised(const Tensor& x, const TransformSpec& spec) {
  std::vector<float> values = to_float(x);
  const std::size_t area = values.size() / 3;
  for (std::size_t k = 0; k < values.size(); ++k) {
    const auto mean = static_cast<float>(spec.mean[k / area]);
    values[k] = (values[k] - mean) / static_cast<float>(spec.std[k / area]);
  }
  return make_tensor(x.shape, std::move(values));
}

TEST(RawImage, IsResizedAndPaddedAsByTorchvision) {
  const Golden golden("transform");
  struct Case {
    std::string name;
    double min_size;
    double max_size;
  };
  for (const auto& [name, min_size, max_size] :
       {Case{"down", 24, 30}, Case{"long", 32, 45}, Case{"same", 32, 64}}) {
    SCOPED_TRACE(name);
    const Tensor& expected = golden[name + ".expected"];
    const RawModel model = model_of({expected.shape[2], expected.shape[3]}, min_size, max_size);
    const RawImage found = raw_image(golden[name + ".images"], model);
    const std::vector<std::int64_t> size = to_int64(golden[name + ".size"]);
    EXPECT_EQ(found.size, (ImageSize{size[0], size[1]}));
    // torch has its positions in float32, here they are in double
    // (tests/nn/image_transform_test.cpp).
    expect_near(normalised(found.x, model.transform), expected, 1.8e-5F);
  }
}

TEST(RawImage, WhatIsLeftFreeBecomesZeroByNormalisation) {
  const RawModel model = model_of({64, 96}, 32, 32);
  const Tensor image = make_tensor({1, 3, 10, 10}, std::vector(300, 1.0F));
  const RawImage found = raw_image(image, model);
  const std::vector<float> values = to_float(normalised(found.x, model.transform));
  EXPECT_EQ(values[63 * 96 + 95], 0);
  EXPECT_EQ(values[64 * 96 + 50], 0);  // beside the image, in the second channel
  EXPECT_NE(values[0], 0);
}

TEST(RawImage, IsMadeSmallerWhereItDoesNotFit) {
  const RawModel model = model_of({800, 1088}, 800, 1333);
  EXPECT_EQ(fitted_size({480, 640}, model), (ImageSize{800, 1066}));
  EXPECT_EQ(fitted_size({640, 480}, model), (ImageSize{800, 600}));
  EXPECT_EQ(fitted_size({375, 1242}, model), (ImageSize{328, 1088}));
  EXPECT_EQ(fitted_size({4000, 1}, model), (ImageSize{800, 1}));
}

}  // namespace
}  // namespace tv2onnx
