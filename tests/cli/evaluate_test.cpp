// tv2onnx evaluate of detectors and of stored results.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "support/files.h"
#include "support/run_tool.h"

namespace tv2onnx {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::run_tool;
using testing::ToolResult;
using Json = nlohmann::json;

const std::string kGolden = TV2ONNX_SOURCE_DIR "/tests/golden/";

class EvaluateDetector : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const Json& json) const {
    std::ofstream(folder_ / name) << json.dump();
    return "'" + (folder_ / name).string() + "'";
  }
  /// The case of the golden.
  static Json golden(std::size_t index) {
    std::ifstream file(kGolden + "coco/figures.json");
    return Json::parse(file)[index];
  }

  testing::TemporaryFolder folder_;
};

TEST_F(EvaluateDetector, StoredResultsGiveTheFiguresOfPycocotools) {
  const Json one = golden(0);
  const std::string files = " --results " + write("r.json", one["results"]) + " --coco " +
                            write("a.json", one["annotations"]);
  const ToolResult result = run_tool("evaluate" + files + " --json");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("categories that the annotations do not have"));
  const Json report = Json::parse(result.out);
  EXPECT_NEAR(report["figures"]["AP"].get<double>(), one["figures"][0].get<double>(), 1e-9);
  EXPECT_NEAR(report["figures"]["ARl"].get<double>(), one["figures"][11].get<double>(), 1e-9);
  EXPECT_THAT(run_tool("evaluate" + files).out, HasSubstr("CATEGORY"));
}

TEST_F(EvaluateDetector, ObjectsOfCategoriesThatAreNotListedAreNamed) {
  Json one = golden(0);
  one["annotations"]["categories"].erase(0);
  const ToolResult result = run_tool("evaluate --results " + write("r.json", one["results"]) +
                                     " --coco " + write("a.json", one["annotations"]));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err,
              ContainsRegex("[0-9]+ objects of categories that .*a.json does not list"));
}

TEST_F(EvaluateDetector, FilesThatDoNotFitAreRefused) {
  const Json one = golden(0);
  const std::string results = write("r.json", one["results"]);
  const std::string annotations = write("a.json", one["annotations"]);
  const auto refused = [](const std::string& line, int code, const std::string& sentence) {
    const ToolResult result = run_tool("evaluate " + line);
    EXPECT_EQ(result.exit_code, code) << line;
    EXPECT_THAT(result.err, HasSubstr(sentence));
    EXPECT_THAT(result.out, IsEmpty());
  };
  refused("--results " + annotations + " --coco " + annotations, 2, "no list of results");
  refused("--results " + results + " --coco " + results, 2, "a list, as of results");
  refused("--results " + results + " --coco " + write("b.json", golden(1)["annotations"]), 2,
          "which the annotations do not have");
  refused("--results " + results, 2, "--coco");
  refused("--coco " + annotations, 2, "either MODEL or --results");
  refused("", 2, "MODEL is missing");
  const std::string model = "'" + kGolden + "runtime/batched.onnx'";
  refused(model, 2, "DATA is missing");
  refused(model + " --coco " + annotations + " --images " + kGolden, 2, "are not in the folder");
}

/// Annotations in which every result is an object, but for the last one.
Json annotations_of(const Json& results) {
  Json annotations{
      {"images",
       {{{"id", 1}, {"file_name", "colour.png"}}, {{"id", 2}, {"file_name", "exif_1.jpg"}}}},
      {"categories", Json::array()},
      {"annotations", Json::array()}};
  for (const Json& result : results) {
    const std::size_t id = annotations["annotations"].size() + 1;
    annotations["annotations"].push_back({{"id", id},
                                          {"image_id", result["image_id"]},
                                          {"category_id", result["category_id"]},
                                          {"bbox", result["bbox"]},
                                          {"area", 5000},
                                          {"iscrowd", 0}});
  }
  annotations["annotations"].back()["bbox"] = {1000, 1000, 5, 5};
  annotations["categories"] = {
      {{"id", 30}, {"name", "bird"}}, {{"id", 20}, {"name", "dog"}}, {{"id", 10}, {"name", "cat"}}};
  return annotations;
}

TEST_F(EvaluateDetector, AModelIsWorthWhatItsStoredResultsAreByTheNamesOfTheCategories) {
  const std::string model = "'" + kGolden + "runtime/batched.onnx'";
  const std::string images = kGolden + "image";
  const std::string stored = "'" + (folder_ / "r.json").string() + "'";
  const ToolResult found = run_tool("detect " + model + " " + images + "/colour.png " + images +
                                    "/exif_1.jpg --ignore-exif --score 0 --coco " + stored);
  ASSERT_EQ(found.exit_code, 0) << found.err;
  std::ifstream file(folder_ / "r.json");
  Json results = Json::parse(file);
  ASSERT_FALSE(results.empty());
  // The model's classes are the annotations' by name; the numbers are others.
  for (Json& result : results) result["category_id"] = 10 * result["category_id"].get<int>();
  Json annotations = annotations_of(results);
  const std::string truth = write("a.json", annotations);
  const ToolResult both =
      run_tool("evaluate --results " + write("t.json", results) + " --coco " + truth + " --json");
  ASSERT_EQ(both.exit_code, 0) << both.err;
  const ToolResult direct =
      run_tool("evaluate " + model + " --coco " + truth + " --images " + images + " --json");
  ASSERT_EQ(direct.exit_code, 0) << direct.err;
  EXPECT_EQ(direct.out, both.out);
  EXPECT_GT(Json::parse(direct.out)["figures"]["AP"], 0.1);
  EXPECT_LT(Json::parse(direct.out)["figures"]["AP"], 1);
  const auto with_names = [&](const std::string& names, const Json& json) {
    std::ofstream(folder_ / "names.txt") << names;
    return run_tool("evaluate " + model + " --coco " + write("n.json", json) + " --images " +
                    images + " --json --class-names '" + (folder_ / "names.txt").string() + "'");
  };
  EXPECT_EQ(with_names("cat\ndog\nbird\n", annotations).out, both.out);
  EXPECT_EQ(with_names("__background__\ncat\ndog\nbird\n", annotations).out, both.out);
  EXPECT_THAT(with_names("cat\ndog\n", annotations).err, HasSubstr("the file has 2 class names"));
  Json twice = annotations;
  twice["categories"].push_back({{"id", 50}, {"name", "dog"}});
  EXPECT_THAT(with_names("cat\ndog\nbird\n", twice).err, HasSubstr("two categories of the name"));
  annotations["categories"].push_back({{"id", 40}, {"name", "horse"}});
  const ToolResult other = run_tool("evaluate " + model + " --coco " +
                                    write("h.json", annotations) + " --images " + images);
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("1 of 4 categories"));
}

TEST_F(EvaluateDetector, MasksOfAModelAreThoseOfItsStoredResults) {
  const std::string images = kGolden + "image";
  for (const char* name : {"masks_roi", "masks_full"}) {
    SCOPED_TRACE(name);
    const std::string model = "'" + kGolden + "runtime/" + name + ".onnx'";
    const std::string stored = (folder_ / (std::string(name) + ".json")).string();
    const ToolResult found =
        run_tool("detect " + model + " " + images + "/colour.png " + images +
                 "/exif_1.jpg --ignore-exif --score 0 --coco '" + stored + "'");
    ASSERT_EQ(found.exit_code, 0) << found.err;
    std::ifstream file(stored);
    const Json results = Json::parse(file);
    Json annotations{{"images",
                      {{{"id", 1}, {"file_name", "colour.png"}, {"height", 24}, {"width", 40}},
                       {{"id", 2}, {"file_name", "exif_1.jpg"}, {"height", 24}, {"width", 40}}}},
                     {"categories",
                      {{{"id", 1}, {"name", "cat"}},
                       {{"id", 2}, {"name", "dog"}},
                       {{"id", 3}, {"name", "bird"}}}},
                     {"annotations", Json::array()}};
    // All but the first one, whose mask is another one's.
    for (Json one : results) {
      one["id"] = annotations["annotations"].size() + 1;
      one["iscrowd"] = 0;
      one["area"] = 100;
      annotations["annotations"].push_back(one);
    }
    annotations["annotations"][0]["segmentation"] = Json{{"size", {24, 40}}, {"counts", {900, 60}}};
    const std::string truth = " --kind masks --json --coco " + write("m.json", annotations);
    const ToolResult direct = run_tool("evaluate " + model + truth + " --images " + images);
    ASSERT_EQ(direct.exit_code, 0) << direct.err;
    EXPECT_EQ(direct.out, run_tool("evaluate --results '" + stored + "'" + truth).out);
    EXPECT_GT(Json::parse(direct.out)["figures"]["AP"], 0.3);
    EXPECT_LT(Json::parse(direct.out)["figures"]["AP"], 1);
  }
}

TEST_F(EvaluateDetector, TwoSetsOfResultsAreCompared) {
  const Json one = golden(0);
  Json fewer = one["results"];
  for (std::size_t k = fewer.size(); k-- > 0;) {
    if (k % 3 == 0) fewer.erase(k);
  }
  const std::string line = "evaluate --results " + write("f.json", fewer) + " --against " +
                           write("r.json", one["results"]) + " --coco " +
                           write("a.json", one["annotations"]);
  const ToolResult table = run_tool(line + " --confusion");
  ASSERT_EQ(table.exit_code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("in 95 % of 1000 draws"));
  EXPECT_THAT(table.out, HasSubstr("(missed)"));
  const std::string curve = (folder_ / "c.svg").string();
  const ToolResult json = run_tool(line + " --confusion --json --curve '" + curve + "'");
  ASSERT_EQ(json.exit_code, 0) << json.err;
  const Json report = Json::parse(json.out);
  const Json& against = report["against"];
  EXPECT_NEAR(against["AP"].get<double>(), one["figures"][0].get<double>(), 1e-9);
  EXPECT_NEAR(against["AP"].get<double>() + against["difference"].get<double>(),
              report["figures"]["AP"].get<double>(), 1e-9);
  EXPECT_LT(against["low"], against["difference"]);
  EXPECT_LT(against["kept"], against["confident"]);
  EXPECT_EQ(against["added"], 0);
  EXPECT_EQ(report["confusion"]["counts"].size(), report["confusion"]["categories"].size() + 1);
  EXPECT_THAT(testing::read_file(curve), HasSubstr("polyline"));
  EXPECT_EQ(run_tool(line + " --curve '" + curve + "'").exit_code, 2) << "it exists";
}

TEST_F(EvaluateDetector, TheWorstImagesAreDrawn) {
  const std::string images = kGolden + "image";
  const Json annotations{
      {"images",
       {{{"id", 1}, {"file_name", "colour.png"}}, {{"id", 2}, {"file_name", "exif_1.jpg"}}}},
      {"categories", {{{"id", 1}, {"name", "cat"}}}},
      {"annotations",
       {{{"id", 1},
         {"image_id", 1},
         {"category_id", 1},
         {"bbox", {0, 0, 9, 9}},
         {"area", 81},
         {"iscrowd", 0}}}}};
  const std::string base =
      "evaluate --coco " + write("a.json", annotations) + " --results " +
      write("r.json",
            {{{"image_id", 2}, {"category_id", 1}, {"score", 0.9}, {"bbox", {1, 1, 6, 6}}},
             {{"image_id", 2}, {"category_id", 1}, {"score", 0.8}, {"bbox", {3, 3, 6, 6}}}});
  const std::string out = (folder_ / "worst").string();
  const ToolResult one = run_tool(base + " --images " + images + " --worst 1 -o '" + out + "'");
  ASSERT_EQ(one.exit_code, 0) << one.err;
  EXPECT_THAT(one.out, HasSubstr("exif_1.jpg  0 missed, 2 where nothing is, 0 of another"));
  EXPECT_TRUE(std::filesystem::exists(out + "/exif_1.jpg"));
  EXPECT_FALSE(std::filesystem::exists(out + "/colour.png"));
  EXPECT_EQ(run_tool(base + " --images " + images + " --worst 1 -o '" + out + "'").exit_code, 2);
  EXPECT_THAT(run_tool(base + " --worst 1 -o x").err, HasSubstr("--worst needs --images"));
  EXPECT_THAT(run_tool(base + " --images " + images + " --worst 1").err, HasSubstr("go together"));
}

}  // namespace
}  // namespace tv2onnx
