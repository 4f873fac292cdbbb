#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/errors.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/masks.h"

// Goldens of tests/gen/masks.py, which calls torchvision's own function.

namespace tv2onnx {
namespace {

using ::testing::Each;
using testing::message_of;

const Checkpoint& golden() {
  static const Checkpoint file =
      open_checkpoint(TV2ONNX_SOURCE_DIR "/tests/golden/run/masks.safetensors");
  return file;
}

std::vector<std::string> names_with(const std::string& suffix) {
  std::vector<std::string> names;
  for (const NamedTensor& tensor : golden().tensors) {
    if (tensor.name.ends_with(suffix)) {
      names.push_back(tensor.name.substr(0, tensor.name.size() - suffix.size()));
    }
  }
  return names;
}

std::array<float, 4> box_of(const std::vector<float>& all, std::size_t row) {
  return {all[4 * row], all[4 * row + 1], all[4 * row + 2], all[4 * row + 3]};
}

PasteBox place_of(const std::vector<std::int64_t>& all, std::size_t row) {
  return {all[4 * row], all[4 * row + 1], all[4 * row + 2], all[4 * row + 3]};
}

TEST(Paste, EqualsTorchvision) {
  const std::vector<std::string> names = names_with(".mask");
  EXPECT_EQ(names.size(), 14U);
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    const Tensor& mask = *golden().find(name + ".mask");
    const Tensor& expected = *golden().find(name + ".pasted");
    const std::array<float, 4> box = box_of(to_float(*golden().find(name + ".box")), 0);
    EXPECT_EQ(paste_box(box, mask.shape[0]),
              place_of(to_int64(*golden().find(name + ".place")), 0));
    const Tensor pasted = paste_mask(mask, box, {expected.shape[0], expected.shape[1]});
    ASSERT_EQ(pasted.shape, expected.shape);
    const std::vector<float> values = to_float(expected);
    float worst = 0;
    for (std::size_t k = 0; k < values.size(); ++k) {
      worst = std::max(worst, std::abs(pasted.as<float>()[k] - values[k]));
      EXPECT_EQ(pasted.as<float>()[k] == 0, values[k] == 0) << k;
    }
    EXPECT_LE(worst, 1e-6F);
  }
}

TEST(Paste, BoxesAreRoundedAsTorchvisionDoes) {
  const std::vector<float> boxes = to_float(*golden().find("places.boxes"));
  const std::vector<std::int64_t> sides = to_int64(*golden().find("places.sides"));
  const std::vector<std::int64_t> expected = to_int64(*golden().find("places.expected"));
  const std::size_t count = boxes.size() / 4;
  for (std::size_t s = 0; s < sides.size(); ++s) {
    for (std::size_t k = 0; k < count; ++k) {
      EXPECT_EQ(paste_box(box_of(boxes, k), sides[s]), place_of(expected, s * count + k));
    }
  }
}

TEST(Paste, BoxesOutsideTheImageGiveNothing) {
  const Tensor mask = make_tensor({2, 2}, std::vector<float>(4, 1));
  for (const std::array<float, 4>& box :
       {std::array<float, 4>{50, 0, 70, 10}, {-100, 0, -75, 10}, {1e30F, 1e30F, 2e30F, 2e30F}}) {
    EXPECT_THAT(paste_mask(mask, box, {20, 30}).as<float>(), Each(0)) << box[0];
  }
}

TEST(Paste, BoxesThatAreNoNumbersDoNoHarm) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const Tensor mask = make_tensor({2, 2}, std::vector<float>(4, 1));
  for (const std::array<float, 4>& box : {std::array<float, 4>{kNan, kNan, kNan, kNan},
                                          {-kInfinity, 0, kInfinity, 9},
                                          {kInfinity, 0, kInfinity, 9}}) {
    EXPECT_EQ(paste_mask(mask, box, {20, 30}).shape, (Shape{20, 30})) << box[0];
  }
}

TEST(Paste, MasksThatAreNotSquareAreRefused) {
  for (const Shape& shape : {Shape{2, 3}, Shape{1, 2, 2}, Shape{0, 0}}) {
    const Tensor mask =
        make_tensor(shape, std::vector<float>(static_cast<std::size_t>(element_count(shape))));
    EXPECT_THAT(message_of([&] {
                  paste_mask(mask, {0, 0, 5, 5}, {20, 30});
                }),
                ::testing::HasSubstr("error[R006]: mask probabilities of shape"));
  }
}

}  // namespace
}  // namespace tv2onnx
