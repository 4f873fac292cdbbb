#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "support/files.h"
#include "support/run_tool.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::DoubleNear;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pointwise;
using testing::read_file;
using testing::run_tool;
using ::testing::StartsWith;
using testing::TemporaryFolder;
using testing::ToolResult;
using testing::write_file;

const std::string kGolden = TV2ONNX_SOURCE_DIR "/tests/golden/";
const std::string kImages = kGolden + "image/";

std::string model(const std::string& name) {
  return kGolden + "runtime/" + name + ".onnx";
}

ToolResult detect(const std::vector<std::string>& arguments) {
  std::string command = "detect";
  for (const std::string& argument : arguments) command += " '" + argument + "'";
  return run_tool(command);
}

TEST(DetectCommand, PrintsATable) {
  const ToolResult run = detect({model("batched"), kImages + "colour.png"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_THAT(run.out, StartsWith("IMAGE"));
  // m = 0.5 r + 0.3 g + 0.2 b of the image; the best score is 0.4 m + 0.5
  EXPECT_THAT(run.out, HasSubstr("colour.png  cat             0.685      4.0      2.4     16.0"));
}

TEST(DetectCommand, ImagesArePreparedAsEveryFileNeedsThem) {
  const auto scores = [](const std::string& name) {
    const ToolResult run = detect({model(name), kImages + "colour.png", "--json", "-"});
    const auto answer = nlohmann::json::parse(run.out);
    std::vector<double> found;
    for (const auto& detection : answer.at("images").at(0).at("detections")) {
      found.push_back(detection.at("score").get<double>());
    }
    return found;
  };
  const std::vector<double> expected = scores("batched");
  EXPECT_EQ(expected.size(), 5U);
  for (const char* name :
       {"fixed", "flat", "uint8_bgr", "auto", "torch_labels_scores", "torch_scores_labels"}) {
    EXPECT_THAT(scores(name), Pointwise(DoubleNear(1e-5), expected)) << name;
  }
}

TEST(DetectCommand, WritesReadableJson) {
  const TemporaryFolder folder;
  const ToolResult run = detect({model("batched"), kImages + "exif_6.jpg", kImages + "text.jpg",
                                 "--json", (folder / "found.json").string(), "--score", "0.6"});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_EQ(run.out, "");
  const auto answer = nlohmann::json::parse(read_file(folder / "found.json"));
  EXPECT_EQ(answer.at("architecture"), "fake_detector");
  const auto& photo = answer.at("images").at(0);
  EXPECT_EQ(photo.at("width"), 24);
  EXPECT_EQ(photo.at("height"), 40);
  EXPECT_EQ(photo.at("detections").size(), 3U);
  EXPECT_EQ(photo.at("detections")[0].at("class"), "cat");
  EXPECT_EQ(photo.at("detections")[0].at("box"), nlohmann::json({2.4, 4.0, 9.6, 16.0}));
  EXPECT_EQ(answer.at("images").at(1).at("error").at("code"), "I001");
}

TEST(DetectCommand, DevicesAreWrittenToAsTheyAre) {
  const std::vector<std::string> words{model("batched"), kImages + "colour.png", "--json"};
  const auto to = [&](const std::string& target) {
    std::vector<std::string> all = words;
    all.push_back(target);
    return detect(all);
  };
  EXPECT_EQ(to("/dev/stdout").out, to("-").out);
  const ToolResult null = to("/dev/null");
  EXPECT_EQ(null.exit_code, 0) << null.err;
  EXPECT_EQ(null.out, "");
  EXPECT_THAT(to("/dev/full").err, HasSubstr("error[O003]: cannot write the answer"));
}

TEST(DetectCommand, ExifCanBeIgnored) {
  const ToolResult run =
      detect({model("batched"), kImages + "exif_6.jpg", "--ignore-exif", "--json", "-"});
  const auto answer = nlohmann::json::parse(run.out);
  EXPECT_EQ(answer.at("images").at(0).at("width"), 40);
}

TEST(DetectCommand, WritesCocoResults) {
  const TemporaryFolder folder;
  fs::copy_file(kImages + "colour.png", folder / "000139.png");
  fs::copy_file(kImages + "colour.png", folder / "7.png");
  const ToolResult run = detect({model("batched"), folder.path(), "--coco", "-"});
  const auto list = nlohmann::json::parse(run.out);
  ASSERT_EQ(list.size(), 10U);
  EXPECT_EQ(list[0].at("image_id"), 139);
  EXPECT_EQ(list[9].at("image_id"), 7);
  EXPECT_EQ(list[0].at("category_id"), 1);
  EXPECT_NEAR(list[1].at("bbox")[0].get<double>(), 20, 1e-4);
  EXPECT_NEAR(list[1].at("bbox")[2].get<double>(), 16, 1e-4);
  EXPECT_NEAR(list[1].at("bbox")[3].get<double>(), 7.2, 1e-4);
}

TEST(DetectCommand, CocoIdsCountWhereNamesAreNoNumbersOrComeFromAnnotations) {
  const TemporaryFolder folder;
  const std::vector<std::string> base{model("batched"), kImages + "grey.png",
                                      kImages + "colour.png", "--coco", "-"};
  EXPECT_EQ(nlohmann::json::parse(detect(base).out).back().at("image_id"), 2);
  write_file(
      folder / "instances.json",
      R"({"images": [{"file_name": "val/colour.png", "id": 42}, {"file_name": "grey.png", "id": 1}]})");
  std::vector<std::string> mapped = base;
  mapped.insert(mapped.end(), {"--coco-images", folder / "instances.json"});
  EXPECT_EQ(nlohmann::json::parse(detect(mapped).out).back().at("image_id"), 42);
  mapped[2] = kImages + "alpha.png";
  const ToolResult unknown = detect(mapped);
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err,
              HasSubstr("error[U002]: the annotations have no image named 'alpha.png'"));
}

TEST(DetectCommand, DrawsPicturesUnderTheNamesOfTheImages) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "other");
  fs::copy_file(kImages + "grey.png", folder / "other/colour.png");
  const std::vector<std::string> arguments{model("batched"),       kImages + "colour.png",
                                           kImages + "colour.bmp", folder / "other",
                                           kImages + "exif_6.jpg", "-o",
                                           folder / "drawn"};
  const ToolResult run = detect(arguments);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("colour_3.png  2 cat, 2 dog, 1 bird\n"));
  const Tensor plain = read_image(kImages + "colour.png");
  for (const char* name : {"colour.png", "colour_2.png", "colour_3.png"}) {
    const Tensor drawn = read_image(folder / ("drawn/" + std::string(name)));
    EXPECT_EQ(drawn.shape, plain.shape);
    EXPECT_NE(contiguous_bytes(drawn), contiguous_bytes(plain)) << name;
  }
  EXPECT_EQ(read_image(folder / "drawn/exif_6.jpg").shape, (Shape{1, 40, 24, 3}));
  const ToolResult again = detect(arguments);
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, HasSubstr("error[O004]"));
  std::vector<std::string> forced = arguments;
  forced.emplace_back("-f");
  EXPECT_EQ(detect(forced).exit_code, 0);
}

nlohmann::json json_of(const std::vector<std::string>& arguments) {
  return nlohmann::json::parse(detect(arguments).out);
}

TEST(DetectCommand, WritesMasksAsRunLengthsOrPolygons) {
  const std::string image = kImages + "colour.png";
  const auto rle = json_of({model("masks_roi"), image, "--json", "-"});
  const auto& first = rle.at("images")[0].at("detections")[0];
  EXPECT_EQ(first.at("mask").at("size"), nlohmann::json({24, 40}));
  EXPECT_THAT(first.at("mask").at("counts").get<std::string>(), Not(::testing::IsEmpty()));
  EXPECT_GT(first.at("area"), 0);
  const auto polygons =
      json_of({model("masks_roi"), image, "--json", "-", "--mask-format", "polygon"});
  EXPECT_EQ(polygons.at("images")[0].at("detections")[0].at("area"), first.at("area"));
  const auto& corners = polygons.at("images")[0].at("detections")[0].at("mask")[0];
  EXPECT_EQ(corners.size() % 2, 0U);
  EXPECT_GE(corners.size(), 8U);
  const auto none = json_of({model("masks_roi"), image, "--json", "-", "--mask-threshold", "1"});
  EXPECT_EQ(none.at("images")[0].at("detections")[0].at("area"), 0);
  const auto coco = json_of({model("masks_roi"), image, "--coco", "-"});
  EXPECT_EQ(coco[0].at("segmentation"), first.at("mask"));
}

TEST(DetectCommand, MasksOfTheWholeImageAreCutAtTheThreshold) {
  // The probability is score * (x + 1) / 40, the best score 0.685.
  for (const char* name : {"masks_full", "torch_masks"}) {
    const auto answer = json_of({model(name), kImages + "colour.png", "--json", "-",
                                 "--mask-format", "polygon", "--mask-threshold", "0.3"});
    const auto& detection = answer.at("images")[0].at("detections")[0];
    const double score = detection.at("score");
    const auto left = static_cast<int>(0.3 * 40 / score);
    EXPECT_EQ(detection.at("mask"), nlohmann::json({{40, 0, 40, 24, left, 24, left, 0}})) << name;
    EXPECT_EQ(detection.at("area"), (40 - left) * 24);
  }
}

TEST(DetectCommand, WritesKeypoints) {
  for (const char* name : {"keypoints", "torch_keypoints"}) {
    const auto answer = json_of({model(name), kImages + "colour.png", "--json", "-"});
    const auto& detection = answer.at("images")[0].at("detections")[0];
    EXPECT_FALSE(detection.contains("mask"));
    EXPECT_EQ(detection.at("keypoints")[1], nlohmann::json({7.0, 4.4, 1.0})) << name;
    ASSERT_EQ(detection.at("keypoints_scores").size(), 4U);
    EXPECT_NEAR(detection.at("keypoints_scores")[3], 10 * detection.at("score").get<double>() - 3,
                1e-5);
  }
  const auto coco = json_of({model("keypoints"), kImages + "colour.png", "--coco", "-"});
  EXPECT_EQ(coco[0].at("keypoints").size(), 12U);
  EXPECT_EQ(coco[0].at("keypoints")[3], 7.0);
}

TEST(DetectCommand, DrawsMasksAndKeypoints) {
  const TemporaryFolder folder;
  const std::string image = TV2ONNX_SOURCE_DIR "/examples/shapes/images/000.jpg";
  const auto drawn = [&](const std::string& name) {
    EXPECT_EQ(detect({model(name), image, "-o", folder / name}).exit_code, 0);
    return contiguous_bytes(read_image(folder / (name + "/000.jpg")));
  };
  const auto boxes = drawn("batched");
  EXPECT_TRUE(drawn("masks_roi") != boxes);
  EXPECT_TRUE(drawn("keypoints") != boxes);
}

TEST(DetectCommand, NeverDrawsOnItsOwnInput) {
  const TemporaryFolder folder;
  fs::copy_file(kImages + "colour.png", folder / "photo.png");
  const std::string before = read_file(folder / "photo.png");
  const ToolResult run = detect({model("batched"), folder.path(), "-o", folder.path(), "-f"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("error[U003]: the picture would overwrite the image"));
  EXPECT_EQ(read_file(folder / "photo.png"), before);
}

TEST(DetectCommand, BadImagesDoNotStopTheOthers) {
  const ToolResult run = detect({model("batched"), kImages + "truncated.jpg", kImages + "huge.png",
                                 kImages + "missing.png", kImages + "colour.png"});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.err, AllOf(HasSubstr("error[I002]: " + kImages + "truncated.jpg: the image is"),
                             HasSubstr("error[I003]: " + kImages + "huge.png: the image is 60000"),
                             HasSubstr("error[C001]: " + kImages + "missing.png: No such file"),
                             HasSubstr("3 of 4 images failed\n")));
  EXPECT_THAT(run.out, HasSubstr("colour.png"));
}

TEST(DetectCommand, FoldersAreSortedAndSearchedDeeperOnRequest) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "deep");
  fs::copy_file(kImages + "colour.png", folder / "deep/b.PNG");
  write_file(folder / "notes.txt", "no image");
  const ToolResult none = detect({model("batched"), folder.path()});
  EXPECT_EQ(none.exit_code, 3);
  EXPECT_THAT(none.err, AllOf(HasSubstr("error[I005]"), HasSubstr("--recursive")));
  fs::copy_file(kImages + "colour.png", folder / "z.png");
  fs::copy_file(kImages + "colour.png", folder / "a.png");
  const ToolResult flat = detect({model("batched"), folder.path()});
  EXPECT_LT(flat.out.find("a.png"), flat.out.find("z.png"));
  EXPECT_THAT(flat.out, Not(HasSubstr("b.PNG")));
  EXPECT_THAT(detect({model("batched"), folder.path(), "--recursive"}).out, HasSubstr("b.PNG"));
}

TEST(DetectCommand, HiddenFilesOfAFolderAreNotTaken) {
  const TemporaryFolder folder;
  fs::create_directories(folder / ".thumbnails");
  for (const char* name : {"a.png", ".a.png", ".thumbnails/b.png"}) {
    fs::copy_file(kImages + "colour.png", folder / name);
  }
  write_file(folder / "._a.png", "no image");
  const ToolResult run = detect({model("batched"), folder.path(), "--recursive", "--json", "-"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(nlohmann::json::parse(run.out)["images"].size(), 1U);
}

TEST(DetectCommand, GoesOnBehindALinkInACircle) {
  const TemporaryFolder folder;
  fs::copy_file(kImages + "colour.png", folder / "a.png");
  std::filesystem::create_symlink("loop.png", folder / "loop.png");
  std::filesystem::create_directory_symlink(".", folder / "inside");
  const ToolResult run = detect({model("batched"), folder.path(), "--recursive"});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.out, HasSubstr("a.png"));
  EXPECT_THAT(run.err, HasSubstr("loop.png"));
}

/// Folders in folders, until the path of the last one is longer than any function takes.
void make_deep_folder(const fs::path& top) {
  const std::string name(200, 'a');
  int at = ::open(top.c_str(), O_PATH | O_DIRECTORY);
  for (int depth = 0; depth < 25; ++depth) {
    ASSERT_EQ(::mkdirat(at, name.c_str(), 0777), 0);
    const int inside = ::openat(at, name.c_str(), O_PATH | O_DIRECTORY);
    ::close(at);
    at = inside;
  }
  ::close(at);
}

// A path longer than the system takes cannot be read by anybody, unlike a folder without
// permission.
TEST(DetectCommand, GoesOnBehindAFolderThatCannotBeRead) {
  const TemporaryFolder folder;
  fs::copy_file(kImages + "colour.png", folder / "z.png");
  make_deep_folder(folder.path());
  write_file(folder / "broken.jpg", "no image");
  const ToolResult run = detect({model("batched"), folder.path(), "--recursive"});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.out, HasSubstr("z.png"));
  EXPECT_THAT(run.err, HasSubstr("File name too long"));
  EXPECT_THAT(run.err, HasSubstr(folder.path().string() + "/aaaa"));
  EXPECT_THAT(run.err, HasSubstr("broken.jpg"));
}

TEST(DetectCommand, TwoOutputsAreTwoFiles) {
  const TemporaryFolder folder;
  const std::string same = folder / "found.json";
  EXPECT_EQ(
      detect({model("batched"), kImages + "colour.png", "--json", same, "--coco", same}).exit_code,
      2);
  EXPECT_EQ(detect({model("batched"), kImages + "colour.png", "-o", folder / "drawn", "--json",
                    folder / "drawn/colour.png"})
                .exit_code,
            2);
}

TEST(DetectCommand, ClassNamesCanBeGivenAndAreOtherwiseNumbers) {
  const TemporaryFolder folder;
  EXPECT_THAT(detect({model("torch_labels_scores"), kImages + "colour.png"}).out,
              HasSubstr("class 3"));
  write_file(folder / "names.txt", "one\ntwo\nthree\n");
  for (const char* name : {"batched", "torch_labels_scores"}) {
    const ToolResult run =
        detect({model(name), kImages + "colour.png", "--class-names", folder / "names.txt"});
    EXPECT_THAT(run.out, HasSubstr("three")) << run.err;
  }
  write_file(folder / "names.txt", "one\n");
  const ToolResult wrong =
      detect({model("batched"), kImages + "colour.png", "--class-names", folder / "names.txt"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("expected  3, or 4 with the background first"));
}

TEST(DetectCommand, ModelsThatCannotWorkAreExplained) {
  const ToolResult fixed = detect({model("torch_static"), kImages + "colour.png"});
  EXPECT_EQ(fixed.exit_code, 3);
  EXPECT_THAT(fixed.err, AllOf(HasSubstr("error[R006]"), HasSubstr("height 30 and width 40"),
                               HasSubstr("hint: tv2onnx export writes a file for every size")));
  const ToolResult classifier = detect({model("classifier"), kImages + "colour.png"});
  EXPECT_EQ(classifier.exit_code, 3);
  EXPECT_THAT(classifier.err, HasSubstr("error[R007]: the file is a classifier"));
}

TEST(DetectCommand, VerboseTellsTheContract) {
  const ToolResult run = detect({model("uint8_bgr"), kImages + "colour.png", "-v"});
  EXPECT_THAT(run.err, AllOf(HasSubstr("contract: from metadata of tv2onnx 0.1.0"),
                             HasSubstr("uint8 NHWC 0..255 BGR; batch any")));
}

TEST(DetectCommand, ContradictoryOrUnwritableOutputsFailBeforeTheWork) {
  const std::string image = kImages + "colour.png";
  const ToolResult both = detect({model("batched"), image, "--json", "-", "--coco", "-"});
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_THAT(both.err, HasSubstr("error[U003]"));
  const ToolResult nowhere = detect({model("batched"), image, "--json", "/nonexistent/a.json"});
  EXPECT_EQ(nowhere.exit_code, 3);
  EXPECT_THAT(nowhere.err, HasSubstr("error[O003]"));
}

}  // namespace
}  // namespace tv2onnx
