#include "tv2onnx/average_precision.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/mapped_file.h"
#include "support/errors.h"

namespace tv2onnx {
namespace {

using Json = nlohmann::json;

/// What an action throws must have this code, and say this.
void expect_error(const std::function<void()>& action, const char* code, const char* text) {
  EXPECT_EQ(testing::code_of(action), code);
  EXPECT_NE(testing::message_of(action).find(text), std::string::npos)
      << testing::message_of(action);
}

const std::string kFigures = TV2ONNX_SOURCE_DIR "/tests/golden/coco/figures.json";

CocoKind kind_of(const Json& one) {
  const std::string name = one["kind"];
  if (name == "bbox") return CocoKind::kBoxes;
  return name == "segm" ? CocoKind::kMasks : CocoKind::kKeypoints;
}

/// With the list of images before the objects, as files have it, or behind them.
std::string text_of(const Json& annotations, bool images_first) {
  nlohmann::ordered_json ordered;
  if (images_first) ordered["images"] = annotations["images"];
  ordered["annotations"] = annotations["annotations"];
  ordered["categories"] = annotations["categories"];
  ordered["images"] = annotations["images"];
  return ordered.dump();
}

TEST(AveragePrecision, IsThatOfPycocotools) {
  const Json cases = Json::parse(read_text_file(kFigures));
  ASSERT_EQ(cases.size(), 10U);
  for (const Json& one : cases) {
    SCOPED_TRACE(one["name"]);
    const CocoKind kind = kind_of(one);
    for (const bool images_first : {false, true}) {
      const std::string text = text_of(one["annotations"], images_first);
      const CocoAnnotations truth = parse_coco_annotations(text, kind);
      const CocoScores scores =
          coco_scores(truth, parse_coco_results(one["results"].dump(), truth, kind), kind);
      ASSERT_EQ(scores.figures.size(), one["figures"].size());
      for (std::size_t k = 0; k < scores.figures.size(); ++k) {
        EXPECT_NEAR(scores.figures[k].value.value_or(-1), one["figures"][k].get<double>(), 1e-9)
            << scores.figures[k].name;
      }
    }
  }
}

const Json kTruth = Json::parse(R"({"images": [{"id": 1, "height": 20, "width": 30}],
  "categories": [{"id": 4, "name": "cat"}, {"id": 5, "name": "dog"}],
  "annotations": [{"id": 0, "image_id": 1, "category_id": 4, "bbox": [2, 3, 10, 12], "area": 120,
                   "iscrowd": 0}]})");
const Json kResult = Json::parse(
    R"([{"image_id": 1, "category_id": 4, "bbox": [2, 3, 10, 12], "score": 0.5},
        {"image_id": 1, "category_id": 9, "bbox": [2, 3, 10, 12], "score": 0.5}])");

CocoAnnotations truth_of(const Json& json) {
  return parse_coco_annotations(json.dump(), CocoKind::kBoxes);
}

std::vector<CocoObject> results_of(const Json& json) {
  return parse_coco_results(json.dump(), truth_of(kTruth), CocoKind::kBoxes);
}

TEST(AveragePrecision, AnObjectWithTheIdZeroIsAnObject) {
  const CocoScores scores = coco_scores(truth_of(kTruth), results_of(kResult), CocoKind::kBoxes);
  EXPECT_NEAR(*scores.figures[0].value, 1, 1e-12);
  EXPECT_FALSE(scores.figures[5].value);
  EXPECT_EQ(scores.unknown_results, 1U);
  EXPECT_EQ(scores.categories[0].objects, 1U);
  EXPECT_FALSE(scores.categories[1].ap);
}

TEST(AveragePrecision, ObjectsOfUnlistedCategoriesAreCountedApart) {
  Json truth = kTruth;
  for (const int category : {9, 11}) {
    Json object = truth["annotations"][0];
    object["id"] = category;
    object["category_id"] = category;
    truth["annotations"].push_back(object);
  }
  const CocoScores scores = coco_scores(truth_of(truth), results_of(kResult), CocoKind::kBoxes);
  EXPECT_EQ(scores.unknown_objects, 2U);
  EXPECT_EQ(scores.objects, 1U);
  EXPECT_NEAR(*scores.figures[0].value, 1, 1e-12);
}

TEST(AveragePrecision, WithoutResultsItIsZero) {
  const CocoScores scores = coco_scores(truth_of(kTruth), {}, CocoKind::kBoxes);
  EXPECT_EQ(scores.figures[0].value, 0.0);
  EXPECT_EQ(scores.figures[8].value, 0.0);
}

TEST(AveragePrecision, OtherFilesAreRefusedByName) {
  expect_error([&] { truth_of(kResult); }, "U005", "a list, as of results");
  expect_error([&] { results_of(kTruth); }, "U005", "no list of results");
  Json other = kResult;
  other[1]["image_id"] = 2;
  expect_error([&] { results_of(other); }, "U002", "result 1 is of image 2");
  other = kResult;
  other[0].erase("score");
  expect_error([&] { results_of(other); }, "U005", "result 0: no score");
  other = kTruth;
  other["annotations"].push_back(other["annotations"][0]);
  expect_error([&] { truth_of(other); }, "U005", "annotation 1: its id");
  other = kTruth;
  other["annotations"][0]["image_id"] = 3;
  expect_error([&] { truth_of(other); }, "U005", "no image has the id 3");
  expect_error([&] { parse_coco_annotations(text_of(other, true), CocoKind::kBoxes); }, "U005",
               "no image has the id 3");
  other["images"] = Json::array();
  expect_error([&] { truth_of(other); }, "U005", "no image has the id 3");
}

TEST(AveragePrecision, DamagedMasksAreRefused) {
  Json truth = kTruth;
  const auto refuse = [&](const char* segmentation, const char* why) {
    truth["annotations"][0]["segmentation"] = Json::parse(segmentation);
    expect_error([&] { parse_coco_annotations(truth.dump(), CocoKind::kMasks); }, "U005", why);
  };
  refuse(R"({"size": [20, 30], "counts": [1, 2]})", "run lengths of 3 pixels");
  refuse(R"({"size": [20, 31], "counts": [620]})", "not of its image");
  refuse(R"({"size": [20, 30], "counts": "~"})", "other characters");
  refuse(R"({"size": [20, 30], "counts": "P"})", "other characters");
  refuse(R"([[1, 2, 3, 4]])", "three corners");
  refuse(R"([[1, 2, 3, 4, 1e30, 5]])", "no number of pixels");
  refuse(R"([])", "empty");
}

}  // namespace
}  // namespace tv2onnx
