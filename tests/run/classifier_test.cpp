// The class of the library that runs classifiers.

#include "tv2onnx/classifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <string>

#include "support/designed_weights.h"
#include "support/errors.h"
#include "tv2onnx/classify.h"
#include "tv2onnx/contract.h"
#include "tv2onnx/export.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kPhoto = TV2ONNX_SOURCE_DIR "/examples/shapes/images/009.jpg";

Classifier squeezenet(ExportOptions options = {}) {
  testing::TensorList tensors = testing::builder_tensors().at("squeezenet1_1");
  for (auto& [key, shape] : tensors) {
    if (shape[0] == 1000) shape[0] = 4;
  }
  if (options.overrides.empty()) {
    options.overrides = {{"resize_size", {std::int64_t{70}}, "test"},
                         {"crop_size", {std::int64_t{64}}, "test"}};
  }
  options.class_names = {"ant", "bee", "cat", "dog"};
  const ExportedModel model = export_to_memory(testing::with_designed_values(tensors, {}), options);
  SessionOptions single;
  single.threads = 1;
  return {Session(model.bytes, "squeeze.onnx", single), {}};
}

TEST(Classifier, NamesWhatAPhotoShows) {
  const Classifier classifier = squeezenet();
  const Classification found = classifier.run(read_image(kPhoto))[0];
  ASSERT_EQ(found.best.size(), 4U);
  EXPECT_EQ(found.logits.size(), 4U);
  EXPECT_TRUE(std::ranges::is_sorted(found.best, std::ranges::greater(), &ScoredClass::score));
  const float sum =
      std::accumulate(found.best.begin(), found.best.end(), 0.0F,
                      [](float all, const ScoredClass& one) { return all + one.score; });
  EXPECT_NEAR(sum, 1, 1e-5);
  EXPECT_EQ(classifier.name(2), "cat");
  EXPECT_EQ(classifier.name(7), "class 7");
  EXPECT_EQ(classifier.assumption(), "");
}

TEST(Classifier, SaysHowLargeImagesMustBe) {
  for (const Preprocess preprocess :
       {Preprocess::kNone, Preprocess::kNormalize, Preprocess::kFull}) {
    ExportOptions options{.build = {.preprocess = preprocess}};
    options.overrides = {{"resize_size", {}, "test"}, {"crop_size", {}, "test"}};
    const Classifier classifier = squeezenet(std::move(options));
    EXPECT_THAT(text_of(classifier.contract().input), HasSubstr(", at least 17x17"));
    const auto run = [&](std::int64_t height, std::int64_t width) {
      const auto bytes = static_cast<std::size_t>(3 * height * width);
      return classifier.run(
          make_tensor({1, height, width, 3}, std::vector<std::uint8_t>(bytes, 99)));
    };
    EXPECT_EQ(run(17, 17).size(), 1U);
    EXPECT_EQ(testing::code_of([&] { run(16, 30); }), "R006");
    EXPECT_THAT(testing::message_of([&] { run(30, 16); }),
                AllOf(HasSubstr("an image of 30x16"), HasSubstr("at least 17x17")));
  }
}

TEST(Classifier, TakesBatchesAndFloats) {
  const Tensor photo = read_image(kPhoto);
  const auto bytes = photo.as<std::uint8_t>();
  std::vector<std::uint8_t> two(bytes.begin(), bytes.end());
  for (const std::uint8_t value : bytes) two.push_back(static_cast<std::uint8_t>(255 - value));
  Shape shape = photo.shape;
  shape[0] = 2;
  std::vector<float> planes(bytes.size());
  const std::size_t area = bytes.size() / 3;
  for (std::size_t k = 0; k < bytes.size(); ++k) {
    planes[k % 3 * area + k / 3] = static_cast<float>(bytes[k]) / 255;
  }
  const Tensor floats = make_tensor({1, 3, shape[1], shape[2]}, std::move(planes));
  for (const Preprocess preprocess :
       {Preprocess::kFull, Preprocess::kNormalize, Preprocess::kNone}) {
    const Classifier classifier = squeezenet({.build = {.preprocess = preprocess}});
    const std::vector<float> alone = classifier.run(photo)[0].logits;
    const std::vector<Classification> both = classifier.run(make_tensor(shape, two));
    ASSERT_EQ(both.size(), 2U);
    for (std::size_t c = 0; c < alone.size(); ++c) {
      EXPECT_NEAR(both[0].logits[c], alone[c], 1e-4);
      EXPECT_NEAR(classifier.run(floats)[0].logits[c], alone[c], 1e-4);
    }
    EXPECT_NE(both[1].logits, both[0].logits);
  }
}

TEST(Classifier, GivesFeatures) {
  const Classifier classifier = squeezenet({.build = {.features = {"features.12", "features.3"}}});
  const Classification found = classifier.run(read_image(kPhoto))[0];
  ASSERT_EQ(found.features.size(), 2U);
  EXPECT_EQ(found.features[0].shape[0], 1);
  EXPECT_EQ(found.features[0].shape[1], 512);
  EXPECT_EQ(found.features[1].shape[1], 128);
}

TEST(Classifier, SaysWhatItCannotTake) {
  const Classifier classifier = squeezenet();
  const Tensor grey = make_tensor({1, 8, 8, 1}, std::vector<std::uint8_t>(64));
  EXPECT_THAT(testing::message_of([&] { classifier.run(grey); }), HasSubstr("R006"));
}

TEST(Classify, GoesOnBehindAnImageThatCannotBeRead) {
  const Classifier classifier = squeezenet();
  const ClassifyReport report = classify(classifier, {"missing.jpg", kPhoto}, {.top = 2});
  ASSERT_EQ(report.images.size(), 2U);
  EXPECT_TRUE(report.images[0].error);
  EXPECT_EQ(report.images[1].best.size(), 2U);
  EXPECT_EQ(report.failed(), 1U);
}

}  // namespace
}  // namespace tv2onnx
