#include "tv2onnx/detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/errors.h"

// The files compute, for an image with channel means r, g, b in 0..1:
//   m = 0.5 r + 0.3 g + 0.2 b,  score_k = DROP_k m + TOP_k, kept above 0.5
// with DROP 0.40, 0.36, ... and TOP 0.50, 0.48, ...; see tests/gen/fake_detectors.py. So a score
// tells range and channel order of what the file got.

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::message_of;
using ::testing::SizeIs;

Detector detector(const std::string& name) {
  return Detector(TV2ONNX_SOURCE_DIR "/tests/golden/" + name + ".onnx");
}

struct Colour {
  std::uint8_t red, green, blue;
};
constexpr Colour kBlack{0, 0, 0};
constexpr Colour kOrange{255, 128, 0};
constexpr float kOrangeMean = 0.5F + 0.3F * 128 / 255;

/// uint8 [n, 20, 30, 3], one colour per image.
Tensor bytes_of(const std::vector<Colour>& colours) {
  std::vector<std::uint8_t> values;
  for (const Colour& colour : colours) {
    for (int pixel = 0; pixel < 20 * 30; ++pixel) {
      values.insert(values.end(), {colour.red, colour.green, colour.blue});
    }
  }
  return make_tensor({static_cast<std::int64_t>(colours.size()), 20, 30, 3}, std::move(values));
}

/// The same as float32 [n, 3, 20, 30] with values 0..1.
Tensor floats_of(const std::vector<Colour>& colours) {
  std::vector<float> values;
  for (const Colour& colour : colours) {
    for (const std::uint8_t channel : {colour.red, colour.green, colour.blue}) {
      values.insert(values.end(), 20 * 30, static_cast<float>(channel) / 255.0F);
    }
  }
  return make_tensor({static_cast<std::int64_t>(colours.size()), 3, 20, 30}, std::move(values));
}

void expect_orange(const Detections& detections) {
  ASSERT_THAT(detections, SizeIs(6));
  EXPECT_EQ(detections[0].label, 1);
  EXPECT_EQ(detections[4].label, 2);
  EXPECT_NEAR(detections[0].score, 0.40F * kOrangeMean + 0.50F, 1e-5F);
  EXPECT_THAT(detections[0].box, ElementsAre(3.0F, 2.0F, 12.0F, 8.0F));
}

class EveryFile : public ::testing::TestWithParam<const char*> {};

TEST_P(EveryFile, GetsBytesAndFloatsInItsOwnRangeOrderAndLayout) {
  const Detector model = detector(GetParam());
  for (const Tensor& images : {bytes_of({kOrange}), floats_of({kOrange})}) {
    const std::vector<Detections> all = model.run(images);
    ASSERT_THAT(all, SizeIs(1));
    expect_orange(all[0]);
  }
}

TEST_P(EveryFile, KeepsTheImagesOfABatchApart) {
  const std::vector<Detections> all =
      detector(GetParam()).run(bytes_of({kOrange, kBlack, kOrange}));
  ASSERT_THAT(all, SizeIs(3));
  expect_orange(all[0]);
  EXPECT_THAT(all[1], IsEmpty());
  expect_orange(all[2]);
}

TEST_P(EveryFile, NoImagesGiveNoResults) {
  EXPECT_THAT(detector(GetParam()).run(bytes_of({})), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Files, EveryFile,
                         ::testing::Values("runtime/batched", "runtime/fixed", "runtime/flat",
                                           "runtime/uint8_bgr", "runtime/auto",
                                           "runtime/torch_labels_scores",
                                           "runtime/torch_scores_labels", "run/misnamed",
                                           "run/stripped_batched", "run/stripped_flat"),
                         [](const auto& file) {
                           const std::string name = file.param;
                           return name.substr(name.find('/') + 1);
                         });

TEST(DetectorMasks, OverTheBoxAreViewsOfOneTensor) {
  for (const char* name : {"runtime/masks_roi", "run/stripped_masks_roi"}) {
    const std::vector<Detections> all = detector(name).run(bytes_of({kOrange, kBlack, kOrange}));
    ASSERT_THAT(all[0], SizeIs(6)) << name;
    EXPECT_THAT(all[1], IsEmpty());
    for (const Detections& detections : {all[0], all[2]}) {
      for (const Detection& one : detections) {
        ASSERT_TRUE(one.mask.has_value());
        EXPECT_FALSE(one.mask->pasted);
        EXPECT_THAT(one.mask->probabilities.shape, ElementsAre(7, 7));
        EXPECT_EQ(one.mask->probabilities.owner, all[0][0].mask->probabilities.owner);
        // The pattern is k * 5 mod 9, in eighths.
        EXPECT_FLOAT_EQ(one.mask->probabilities.as<float>()[0], 0);
        EXPECT_FLOAT_EQ(one.mask->probabilities.as<float>()[10], one.score * 5 / 8);
        EXPECT_FLOAT_EQ(one.mask->probabilities.as<float>()[48], one.score * 6 / 8);
      }
    }
  }
}

TEST(DetectorMasks, OfTheWholeImage) {
  for (const char* name : {"runtime/masks_full", "runtime/torch_masks"}) {
    const std::vector<Detections> all = detector(name).run(bytes_of({kOrange}));
    ASSERT_THAT(all[0], SizeIs(6)) << name;
    for (const Detection& one : all[0]) {
      ASSERT_TRUE(one.mask.has_value());
      EXPECT_TRUE(one.mask->pasted);
      EXPECT_THAT(one.mask->probabilities.shape, ElementsAre(20, 30));
      EXPECT_FLOAT_EQ(one.mask->probabilities.as<float>()[19 * 30 + 5], one.score * 6 / 30);
    }
  }
}

TEST(DetectorMasks, OfImpossibleShapesAreRefused) {
  EXPECT_THAT(message_of([] { detector("run/odd_masks").run(bytes_of({kOrange})); }),
              HasSubstr("error[R007]: masks of shape [1,6,1,7,6] for 6 detections in images of "
                        "height 20 and width 30"));
}

TEST(DetectorKeypoints, AreThoseOfTheirBox) {
  for (const char* name :
       {"runtime/keypoints", "run/stripped_keypoints", "runtime/torch_keypoints"}) {
    const std::vector<Detections> all = detector(name).run(bytes_of({kBlack, kOrange}));
    EXPECT_THAT(all[0], IsEmpty()) << name;
    ASSERT_THAT(all[1], SizeIs(6));
    for (const Detection& one : all[1]) {
      EXPECT_FALSE(one.mask.has_value());
      ASSERT_THAT(one.keypoints, SizeIs(4));
      for (std::size_t k = 0; k < 4; ++k) {
        const auto number = static_cast<float>(k);
        EXPECT_FLOAT_EQ(one.keypoints[k].x, one.box[0] + 3 * number);
        EXPECT_FLOAT_EQ(one.keypoints[k].y, one.box[1] + 2 * number);
        EXPECT_EQ(one.keypoints[k].visibility, 1);
        EXPECT_FLOAT_EQ(one.keypoints[k].score, 10 * one.score - number);
      }
    }
  }
}

TEST(Detector, StridedImagesAreReadInOrder) {
  const Tensor images = floats_of({kOrange, kBlack});
  const Tensor blue_first{images.dtype,
                          {1, 3, 20, 30},
                          {0, -20 * 30, 30, 1},
                          images.data + 2 * 20 * 30 * sizeof(float),
                          images.owner};
  const Detections detections = detector("runtime/batched").run(blue_first)[0];
  ASSERT_THAT(detections, SizeIs(5));
  EXPECT_NEAR(detections[0].score, 0.40F * (0.3F * 128 / 255 + 0.2F) + 0.50F, 1e-5F);
}

TEST(Detector, AStaticFileSaysWhichSizeItNeeds) {
  const Detector model = detector("runtime/torch_static");
  EXPECT_THAT(message_of([&] { model.run(bytes_of({kOrange})); }),
              HasSubstr("error[R006]: an image of height 20 and width 30"));
  EXPECT_THAT(message_of([&] { model.run(bytes_of({kOrange})); }),
              HasSubstr("height 30 and width 40"));
  const Tensor fitting = make_tensor({1, 30, 40, 3}, std::vector<std::uint8_t>(30 * 40 * 3, 255));
  EXPECT_THAT(model.run(fitting)[0], SizeIs(6));
}

TEST(Detector, TensorsThatAreNoImagesAreRefused) {
  const Detector model = detector("runtime/batched");
  for (const Shape& shape : {Shape{20, 30, 3}, Shape{1, 3, 20, 30}, Shape{1, 20, 30, 4}}) {
    const Tensor images = make_tensor(
        shape, std::vector<std::uint8_t>(static_cast<std::size_t>(element_count(shape))));
    EXPECT_THAT(message_of([&] { model.run(images); }), HasSubstr("error[R006]: images of type"));
  }
}

TEST(Detector, ResultsThatContradictThemselvesAreRefused) {
  const Detector model = detector("run/miscounted");
  EXPECT_THAT(message_of([&] { model.run(bytes_of({kOrange})); }),
              HasSubstr("error[R007]: num_detections is 13, but there are 6 rows"));
}

}  // namespace
}  // namespace tv2onnx
