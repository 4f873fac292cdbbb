#include "tv2onnx/detect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/errors.h"
#include "support/files.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::TemporaryFolder;

const std::string kGolden = TV2ONNX_SOURCE_DIR "/tests/golden/";
const std::vector<std::filesystem::path> kImages{kGolden + "image/exif_1.jpg", "missing.jpg",
                                                 kGolden + "image/colour.png"};

Detector detector(const std::string& name) {
  return Detector(kGolden + "runtime/" + name + ".onnx");
}

TEST(Detect, AnImageThatFailsIsPartOfTheReport) {
  std::vector<std::string> found;
  DetectOptions options;
  options.score = 0;
  options.found = [&](const FoundImage& image) { found.push_back(image.file.filename()); };
  const DetectReport report = detect(detector("batched"), kImages, options);
  EXPECT_THAT(found, ElementsAre("exif_1.jpg", "missing.jpg", "colour.png"));
  ASSERT_THAT(report.images, SizeIs(3));
  EXPECT_EQ(report.failed(), 1U);
  EXPECT_EQ(report.images[0].width, 40);
  EXPECT_EQ(report.images[0].height, 24);
  EXPECT_FALSE(report.images[0].error);
  ASSERT_TRUE(report.images[1].error);
  EXPECT_EQ(report.images[1].error->code().name(), "C001");
  EXPECT_THAT(report.images[1].detections, IsEmpty());
}

TEST(Detect, TheReportAsJsonHasNamesAndErrors) {
  DetectOptions options;
  options.score = 0;
  options.class_names = {"__background__", "cat", "dog"};
  const DetectReport report = detect(detector("batched"), kImages, options);
  const auto json = nlohmann::json::parse(to_json(report));
  EXPECT_EQ(json["architecture"], "fake_detector");
  const auto& images = json["images"];
  ASSERT_EQ(images.size(), 3U);
  ASSERT_EQ(images[0]["detections"].size(), report.images[0].detections.size());
  for (std::size_t k = 0; k < images[0]["detections"].size(); ++k) {
    const std::int64_t label = report.images[0].detections[k].label;
    EXPECT_EQ(images[0]["detections"][k]["class"], class_name(options.class_names, label));
  }
  EXPECT_EQ(images[1]["error"]["code"], "C001");
  EXPECT_FALSE(images[1].contains("detections"));
}

TEST(Detect, DrawsWhereItIsAskedTo) {
  const TemporaryFolder folder;
  DetectOptions options;
  options.pictures = {folder / "drawn.png"};
  detect(detector("masks_roi"), {kImages[0]}, options);
  EXPECT_THAT(folder.names(), ElementsAre("drawn.png"));
  EXPECT_EQ(testing::code_of([&] { detect(detector("masks_roi"), {kImages[0]}, options); }),
            "O004");
}

TEST(Detect, EndsEarlyWhenItIsCancelled) {
  std::stop_source source;
  DetectOptions options;
  options.control.cancel = source.get_token();
  options.found = [&](const FoundImage&) { source.request_stop(); };
  EXPECT_EQ(testing::code_of([&] { detect(detector("batched"), kImages, options); }), "X003");
}

TEST(ClassName, WithoutANameIsTheNumber) {
  EXPECT_EQ(class_name({"__background__", "cat"}, 1), "cat");
  EXPECT_EQ(class_name({"__background__", "cat"}, 2), "class 2");
  EXPECT_EQ(class_name({}, -1), "class -1");
}

}  // namespace
}  // namespace tv2onnx
