#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/errors.h"
#include "support/files.h"
#include "support/pixel_masks.h"
#include "tv2onnx/coco.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::mask_of;
using testing::message_of;
using testing::TemporaryFolder;
using testing::write_file;

TEST(CocoResults, AreOneRowForEachDetectionOfAllImages) {
  std::vector<Detection> two(2);
  two[0].box = {1.5F, 2, 11.5F, 22.25F};
  two[0].label = 3;
  two[0].score = 0.98F;
  two[0].keypoints = {{4, 5.5F, 1, 7}};
  const std::vector<Segmentation> masks{
      segmentation_of(mask_of({"#"}), {2, 2}, MaskFormat::kPolygon),
      segmentation_of(mask_of({"##"}), {2, 2}, MaskFormat::kRle)};
  const std::vector<CocoImage> images{
      {7, two, masks}, {8, {}, {}}, {9, std::span(two).first(1), {}}};
  const auto rows = nlohmann::json::parse(coco_results(images));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(
      rows[0].dump(),
      R"({"bbox":[1.5,2.0,10.0,20.25],"category_id":3,"image_id":7,"keypoints":[4.0,5.5,1.0],)"
      R"("score":0.98,"segmentation":[[1,0,1,1,0,1,0,0]]})");
  EXPECT_EQ(rows[1].at("segmentation").at("size"), (nlohmann::json{2, 2}));
  EXPECT_EQ(rows[2].at("image_id"), 9);
  EXPECT_FALSE(rows[2].contains("segmentation"));
}

TEST(CocoResults, OfNoImagesAreAnEmptyList) {
  EXPECT_EQ(nlohmann::json::parse(coco_results({})).dump(), "[]");
}

TEST(CocoImageIds, AreTheNumbersInTheNamesIfAllHaveOne) {
  EXPECT_THAT(coco_image_ids({"a/000139.jpg", "b/7.png"}, ""), ElementsAre(139, 7));
  EXPECT_THAT(coco_image_ids({"a/000139.jpg", "b/x7.png"}, ""), ElementsAre(1, 2));
  EXPECT_THAT(coco_image_ids({"a/7.jpg", "b/7.png"}, ""), ElementsAre(1, 2)) << "the same twice";
}

TEST(CocoImageIds, AreThoseOfTheAnnotationsIfThereAreSome) {
  const TemporaryFolder folder;
  const std::string file = folder / "instances.json";
  write_file(file, R"({"images": [{"file_name": "val/a.png", "id": 42}]})");
  EXPECT_THAT(coco_image_ids({"other/a.png"}, file), ElementsAre(42));
  EXPECT_THAT(message_of([&] { coco_image_ids({"b.png"}, file); }), HasSubstr("error[U002]"));
  EXPECT_THAT(message_of([&] {
                coco_image_ids({"x/a.png", "y/a.png"}, file);
              }),
              HasSubstr("two images are named 'a.png'"));
  const auto refused = [&](const char* images) {
    testing::write_file(folder / "odd.json", images);
    return message_of([&] { coco_image_ids({"a.png"}, folder / "odd.json"); });
  };
  EXPECT_THAT(refused(R"({"images": [{"file_name": "a.png", "id": 7.9}]})"),
              HasSubstr("no whole number"));
  EXPECT_THAT(refused(R"({"images": [{"file_name": "a.png", "id": 1e300}]})"),
              HasSubstr("no whole number"));
  EXPECT_THAT(refused(R"({"images": [{"file_name": "a.png", "id": 1e400}]})"),
              HasSubstr("error[U005]"));
  EXPECT_THAT(refused(R"({"images": [{"file_name": "b/a.png", "id": 1}, )"
                      R"({"file_name": "a.png", "id": 2}]})"),
              HasSubstr("2 images named 'a.png'"));
  EXPECT_THAT(refused(R"({"images": [], "images": []})"), HasSubstr("comes twice"));
  write_file(file, R"({"images": 3})");
  EXPECT_THAT(message_of([&] { coco_image_ids({"a.png"}, file); }), HasSubstr("error[U005]"));
  EXPECT_THAT(message_of([&] { coco_image_ids({"a.png"}, folder / "none.json"); }),
              HasSubstr("error[C001]"));
}

}  // namespace
}  // namespace tv2onnx
