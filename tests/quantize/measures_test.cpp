// What quantize measures: of each task, average precision, layer by layer; half precision.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "onnx/model.h"
#include "onnx/schema.h"
#include "run/kept.h"
#include "support/errors.h"
#include "support/files.h"
#include "support/onnx_checker.h"
#include "support/run_tool.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/classifier.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/image.h"
#include "tv2onnx/quantize.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;
using testing::files_in;
using ::testing::HasSubstr;
using testing::message_of;
using ::testing::SizeIs;
using testing::TemporaryFolder;
using Json = nlohmann::json;

const fs::path kShapes = TV2ONNX_SOURCE_DIR "/examples/shapes";

fs::path exported_to(const fs::path& path, const char* checkpoint) {
  ExportOptions options;
  if (fs::path(checkpoint).string().starts_with("faster")) {
    options.class_names = {"nothing", "circle", "square", "triangle", "star", "ring", "cross"};
  }
  export_onnx(open_checkpoint(kShapes / checkpoint), path, options);
  return path;
}

class QuantizeMeasures : public ::testing::Test {
 protected:
  /// The detector of the examples; with its own confident detections as annotations of the photos.
  fs::path detector() const {
    return exported_to(folder_ / "shapes.onnx", "fasterrcnn_shapes_half.pth");
  }
  static Json annotations_by(const Detector& detector) {
    Json coco{
        {"images", Json::array()}, {"annotations", Json::array()}, {"categories", Json::array()}};
    const std::vector<std::string>& names = detector.contract().class_names;
    for (std::size_t k = 1; k < names.size(); ++k) {
      coco["categories"].push_back({{"id", 10 * k}, {"name", names[k]}});
    }
    for (const fs::path& file : files_in(kShapes / "images")) {
      const std::size_t id = coco["images"].size() + 1;
      coco["images"].push_back({{"id", id}, {"file_name", file.filename()}});
      const auto found = detector.run(read_image(file, {.ignore_exif = true}));
      for (const Detection& one : found[0]) {
        if (one.score < 0.5F) continue;
        const auto& [x1, y1, x2, y2] = one.box;
        coco["annotations"].push_back({{"id", coco["annotations"].size() + 1},
                                       {"image_id", id},
                                       {"category_id", 10 * one.label},
                                       {"bbox", {x1, y1, x2 - x1, y2 - y1}},
                                       {"area", (x2 - x1) * (y2 - y1)},
                                       {"iscrowd", 0}});
      }
    }
    return coco;
  }
  fs::path write(const char* name, const Json& json) const {
    std::ofstream(folder_ / name) << json.dump();
    return folder_ / name;
  }

  TemporaryFolder folder_;
};

TEST_F(QuantizeMeasures, PrecisionOfPhotosThatNothingWasCalibratedOn) {
  const fs::path model = detector();
  QuantizeOptions options{.explain = true};
  options.annotations = write("a.json", annotations_by(Detector(model)));
  const QuantizeReport report =
      quantize(model, files_in(kShapes / "images"), folder_ / "int8.onnx", options);
  ASSERT_TRUE(report.precision);
  EXPECT_GT(report.precision->first, 0.99);  // its own answers
  EXPECT_GT(report.precision->second, 0.8);
  EXPECT_LT(report.precision->second, report.precision->first);
  EXPECT_LE(report.precision->low, report.precision->high);

  ASSERT_THAT(report.costs, SizeIs(7));
  for (const LayerCost& cost : report.costs) {
    // Numbers of 8 bits have some 50 dB if they are evenly spread; these are not.
    EXPECT_GT(cost.own, 25) << cost.layer;
    EXPECT_LT(cost.own, 70) << cost.layer;
    EXPECT_LT(cost.total, cost.own + 3) << cost.layer;
  }
  const Json json = Json::parse(to_json(report));
  EXPECT_EQ(json["costs"].size(), 7U);
  EXPECT_EQ(json["AP"]["before"], report.precision->first);
}

TEST_F(QuantizeMeasures, AnnotationsOfSomethingElseAreRefusedAndNothingIsWritten) {
  const fs::path model = detector();
  const Json right = annotations_by(Detector(model));
  const fs::path out = folder_ / "out.onnx";
  const auto refused = [&](const Json& json, const char* sentence) {
    QuantizeOptions options;
    options.annotations = write("b.json", json);
    EXPECT_THAT(message_of([&] { quantize(model, files_in(kShapes / "images"), out, options); }),
                HasSubstr(sentence));
    EXPECT_FALSE(fs::exists(out)) << sentence;
  };
  Json other = right;
  for (Json& image : other["images"])
    image["file_name"] = "other_" + image["file_name"].get<std::string>();
  refused(other, "none of 3 photos to judge by is annotated");
  refused(
      Json::array({{{"image_id", 1}, {"category_id", 10}, {"score", 0.5}, {"bbox", {1, 2, 3, 4}}}}),
      "a list, as of results");
  other = right;
  other["categories"].push_back({{"id", 990}, {"name", "hexagon"}});
  refused(other, "the first is 'hexagon'");
  other = right;
  other["annotations"] = Json::array();
  refused(other, "no object that counts");
  refused(Json::object(), "no list of images");
}

TEST_F(QuantizeMeasures, ATextIsNoPhoto) {
  const fs::path model = detector();
  std::ofstream(folder_ / "photos.txt") << "a.jpg\nb.jpg\n";
  const std::string message =
      message_of([&] { quantize(model, {folder_ / "photos.txt"}, folder_ / "out.onnx"); });
  EXPECT_THAT(message, HasSubstr("I001"));
  EXPECT_THAT(message, HasSubstr("photos.txt"));
  EXPECT_THAT(message_of([&] { quantize(model, {}, folder_ / "out.onnx"); }),
              HasSubstr("0 photos to calibrate"));
}

TEST_F(QuantizeMeasures, BestClassesOfAClassifier) {
  const fs::path model = exported_to(folder_ / "classes.onnx", "shufflenet_shapes_half.pth");
  QuantizeOptions options{.recipe = Recipe::kAll};
  const std::vector<fs::path> photos = files_in(kShapes / "photos");
  const QuantizeReport report = quantize(model, photos, folder_ / "int8.onnx", options);
  EXPECT_EQ(report.task, Task::kClassification);
  EXPECT_GT(report.convolutions, 40U);
  EXPECT_EQ(report.layers, 1U);
  EXPECT_THAT(report.things, HasSubstr("best class"));
  EXPECT_EQ(report.confident, 3U);
  std::size_t same = 0;
  const Classifier was(model);
  const Classifier is(folder_ / "int8.onnx");
  for (const std::size_t k : {1U, 3U, 5U}) {
    const Tensor photo = read_image(photos[k]);
    same += was.run(photo)[0].best[0].label == is.run(photo)[0].best[0].label ? 1 : 0;
    EXPECT_NE(was.run(photo)[0].best[0].score, is.run(photo)[0].best[0].score);
  }
  EXPECT_EQ(report.kept, same);
  EXPECT_GE(same, 2U);
  EXPECT_EQ(is.contract().class_names, was.contract().class_names);
  options.annotations = "a.json";
  EXPECT_THAT(message_of([&] { quantize(model, photos, folder_ / "no.onnx", options); }),
              HasSubstr("the file is for classification"));
}

/// What lies behind the last layer stays as it is.
TEST_F(QuantizeMeasures, AClassifierThatChoosesTheBestClassesItself) {
  ExportOptions exporting;
  exporting.build.outputs = OutputMode::kTopK;
  exporting.build.top = 2;
  const fs::path model = folder_ / "best.onnx";
  export_onnx(open_checkpoint(kShapes / "shufflenet_shapes_half.pth"), model, exporting);
  const QuantizeReport report =
      quantize(model, files_in(kShapes / "photos"), folder_ / "int8.onnx");
  EXPECT_EQ(report.layers, 1U);
  EXPECT_EQ(report.kept, report.confident);
  const Classifier is(folder_ / "int8.onnx");
  EXPECT_EQ(is.contract().answer.mode, OutputMode::kTopK);
  const auto best = is.run(read_image(files_in(kShapes / "photos")[0]))[0].best;
  ASSERT_THAT(best, SizeIs(2));
  EXPECT_EQ(best[0].label,
            Classifier(model).run(read_image(files_in(kShapes / "photos")[0]))[0].best[0].label);
}

TEST_F(QuantizeMeasures, HalfPrecisionIsAGraphWithIslands) {
  const fs::path model = detector();
  const fs::path half = folder_ / "half.onnx";
  std::string note;
  convert_weights(model, Precision::kHalf, half, {}, note);
  EXPECT_EQ(note, "");
  EXPECT_LT(fs::file_size(half), fs::file_size(model) * 52 / 100);
  EXPECT_EQ(testing::check_with_onnx(half), "");
  const OnnxModel graph = read_onnx_model(half);
  EXPECT_EQ(graph.metadata.at("tv2onnx.precision"), "fp16");
  std::map<std::string, std::int64_t> types;
  for (const OnnxTensor& tensor : graph.graph.initializers) types[tensor.name] = tensor.data_type;
  std::size_t convolutions = 0;
  std::size_t casts = 0;
  for (const OnnxNode& node : graph.graph.nodes) {
    casts += node.op == "Cast" && node.name.find("float16") != std::string::npos ? 1 : 0;
    if (node.op != "Conv") continue;
    ++convolutions;
    EXPECT_EQ(types.at(node.input(1)), schema::data_type(DType::kFloat16)) << node.name;
  }
  EXPECT_GT(convolutions, 60U);
  EXPECT_LT(casts, 40U);
  Kept kept;
  const Detector was(model);
  const Detector is(half);
  for (const fs::path& file : files_in(kShapes / "images")) {
    const Tensor photo = read_image(file);
    count_kept(was.run(photo)[0], is.run(photo)[0], kept);
  }
  EXPECT_GE(kept.confident, 12U);
  EXPECT_EQ(kept.again, kept.confident);
  EXPECT_EQ(kept.added, 0U);
  EXPECT_THAT(
      message_of([&] { convert_weights(half, Precision::kHalf, folder_ / "x.onnx", {}, note); }),
      HasSubstr("quantised already: fp16"));
}

}  // namespace
}  // namespace tv2onnx
