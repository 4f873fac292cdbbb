// What every command says about a classifier: its checkpoint, and its file.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "support/designed_weights.h"
#include "support/errors.h"
#include "support/files.h"
#include "support/run_tool.h"
#include "tv2onnx/export.h"
#include "verify/safetensors_file.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::run_tool;
using testing::ToolResult;

const std::string kPhotos = "'" TV2ONNX_SOURCE_DIR "/examples/shapes/images'";

/// A SqueezeNet of ten classes, as checkpoint and exported.
class ClassifierCommands : public ::testing::Test {
 protected:
  static Checkpoint squeezenet() {
    testing::TensorList tensors = testing::builder_tensors().at("squeezenet1_1");
    for (auto& [key, shape] : tensors) {
      if (shape[0] == 1000) shape[0] = 10;
    }
    return testing::with_designed_values(tensors, {});
  }
  void save(const Checkpoint& checkpoint, const std::string& name) {
    testing::Arrays tensors;
    for (const auto& [key, tensor] : checkpoint.tensors) tensors.emplace_back(key, tensor);
    testing::write_safetensors(folder_ / name, tensors);
  }
  std::string path(const std::string& name) const { return "'" + (folder_ / name).string() + "'"; }
  void SetUp() override {
    save(squeezenet(), "squeeze.safetensors");
    exported_ = run_tool("export " + path("squeeze.safetensors") + " -o " + path("m.onnx"));
    ASSERT_EQ(exported_.exit_code, 0) << exported_.err;
  }
  /// No box, no anchor, no crash.
  static void expect_refusal(const ToolResult& result, const std::string& sentence) {
    EXPECT_EQ(result.exit_code, 3) << result.err;
    EXPECT_THAT(result.err, AllOf(HasSubstr(sentence), Not(HasSubstr("[n,4]"))));
  }

  testing::TemporaryFolder folder_;
  ToolResult exported_;
};

TEST_F(ClassifierCommands, ExportSaysWhatTheFileTakesAndGives) {
  EXPECT_THAT(
      exported_.out,
      AllOf(HasSubstr("squeezenet1_1, 10 classes\n"),
            HasSubstr("input   in the file: shorter side 256, middle 224x224, RGB / 255, minus "
                      "0.485 0.456 0.406, divided by 0.229 0.224 0.225\n"),
            HasSubstr("output  logits\n"), HasSubstr("runs in ONNX Runtime 1.12 and newer\n"),
            HasSubstr("opset 17")));
  EXPECT_THAT(exported_.err, AllOf(Not(HasSubstr("threshold")),
                                   HasSubstr("assumed: shorter side 256, middle 224x224")));
  const auto report = nlohmann::json::parse(
      run_tool("export --json -f " + path("squeeze.safetensors") + " -o " + path("m.onnx")).out);
  EXPECT_EQ(report["task"], "classification");
  EXPECT_EQ(report["classes"], 10);
}

TEST_F(ClassifierCommands, InspectShowsTheTask) {
  const std::string checkpoint = run_tool("inspect " + path("squeeze.safetensors")).out;
  EXPECT_THAT(checkpoint,
              AllOf(HasSubstr("squeezenet1_1"), HasSubstr("classification"),
                    HasSubstr("shorter side 256, middle 224x224"),
                    HasSubstr("classes       10 classes\n"), Not(HasSubstr("background"))));
  const std::string file = run_tool("inspect " + path("m.onnx")).out;
  EXPECT_THAT(file,
              AllOf(HasSubstr("tv2onnx.task: classification"), HasSubstr("tv2onnx.input: uint8"),
                    HasSubstr("tv2onnx.outputs: logits"), HasSubstr("tv2onnx.preprocess: full"),
                    HasSubstr(R"("resize_size":[256])"), HasSubstr("tv2onnx.onnx_runtime: 1.12")));
}

TEST_F(ClassifierCommands, DetectSaysThatItIsNoDetector) {
  expect_refusal(run_tool("detect " + path("m.onnx") + " " + kPhotos),
                 "the file is a classifier (squeezenet1_1)");
}

TEST_F(ClassifierCommands, BenchTakesIt) {
  const ToolResult result = run_tool("-q bench " + path("m.onnx") + " --runs 1 --batch 2");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("480x640"), Not(HasSubstr("DETECTIONS"))));
}

TEST_F(ClassifierCommands, PredictNamesClasses) {
  testing::write_file(folder_ / "ten.txt", "ant\nbee\ncat\ndog\nelk\nfox\ngnu\nhen\nibis\njay\n");
  const ToolResult table = run_tool("predict " + path("m.onnx") + " " + kPhotos +
                                    " --top 2 --class-names " + path("ten.txt"));
  EXPECT_EQ(table.exit_code, 0) << table.err;
  EXPECT_THAT(table.out, AllOf(HasSubstr("CLASS"), HasSubstr("000.jpg  ")));
  EXPECT_EQ(std::ranges::count(table.out, '\n'), 1 + 2 * 6);
  const auto report = nlohmann::json::parse(
      run_tool("predict " + path("m.onnx") + " " + kPhotos + " -o " + path("drawn") + " --json -")
          .out);
  ASSERT_EQ(report["images"].size(), 6);
  EXPECT_EQ(report["images"][0]["classes"].size(), 5);
  EXPECT_EQ(report["images"][0]["width"], 416);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "drawn/000.jpg"));
}

TEST_F(ClassifierCommands, EveryPreparationGivesTheSameClasses) {
  const auto classes = [&](const std::string& options) {
    const ToolResult made = run_tool("export -f -q " + path("squeeze.safetensors") + " -o " +
                                     path("other.onnx") + " " + options);
    EXPECT_EQ(made.exit_code, 0) << made.err;
    const auto report = nlohmann::json::parse(
        run_tool("predict " + path("other.onnx") + " " + kPhotos + " --json -").out);
    std::vector<std::pair<int, double>> best;
    for (const auto& image : report["images"]) {
      best.emplace_back(image["classes"][0]["label"], image["classes"][0]["score"]);
    }
    return best;
  };
  const auto full = classes("");
  ASSERT_EQ(full.size(), 6U);
  for (const char* options :
       {"--opset 11", "--bgr", "--preprocess normalize", "--preprocess normalize --input uint8",
        "--preprocess none", "--outputs probabilities", "--outputs topk --top 3",
        "--preprocess none --bgr"}) {
    const auto other = classes(options);
    ASSERT_EQ(other.size(), full.size()) << options;
    for (std::size_t k = 0; k < full.size(); ++k) {
      EXPECT_EQ(other[k].first, full[k].first) << options;
      EXPECT_NEAR(other[k].second, full[k].second, 0.01) << options;
    }
  }
}

TEST_F(ClassifierCommands, FeaturesAreOutputs) {
  const ToolResult made = run_tool("export -f " + path("squeeze.safetensors") + " -o " +
                                   path("features.onnx") + " --features features.12,classifier.1");
  EXPECT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(run_tool("inspect " + path("features.onnx")).out,
              AllOf(HasSubstr("features.12"), HasSubstr("classifier.1"),
                    HasSubstr(R"(tv2onnx.features: ["features.12","classifier.1"])")));
  EXPECT_EQ(run_tool("predict " + path("features.onnx") + " " + kPhotos).exit_code, 0);
  const ToolResult wrong = run_tool("export -f " + path("squeeze.safetensors") + " -o " +
                                    path("features.onnx") + " --features layer3");
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("nothing is computed at 'layer3'"));
}

TEST_F(ClassifierCommands, OptionsThatDoNotFitAreRefused) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"--preprocess none --input uint8", "uint8 with --preprocess none"},
      {"--preprocess normalize --input normalized", "normalized with --preprocess normalize"},
      {"--interpolation bicubic --antialias false", "bicubic interpolation without antialiasing"},
      {"--interpolation nearest", "bilinear or bicubic"},
      {"--mean 0.5,0.5", "2 means and 3 deviations for images of 3 channels"},
      {"--std 0", "--std"},
      {"--crop-size 8 --resize-size 8", "photos of 8\n"},
      {"--preprocess none --crop-size 16 --resize-size 16", "at least 17x17"},
      {"--crop-size None --resize-size 16", "at least 17x17"},
      {"--top 3", "--outputs topk with it"},
      {"--outputs topk --top 11", "the best 11 of 10 classes"},
      {"--weights IMAGENET1K_V7", "torchvision has no weights 'IMAGENET1K_V7' of squeezenet1_1"},
      {"--opset 22", "opset 22 is not supported"}};
  for (const auto& [options, sentence] : cases) {
    const ToolResult result = run_tool("export -f " + path("squeeze.safetensors") + " -o " +
                                       path("m.onnx") + " " + options);
    EXPECT_EQ(result.exit_code, 2) << options << result.err;
    EXPECT_THAT(result.err, HasSubstr(sentence)) << options;
  }
}

TEST_F(ClassifierCommands, PredictRefusesWhatHasNoMeaning) {
  const ToolResult score = run_tool("predict " + path("m.onnx") + " " + kPhotos + " --score 0.3");
  EXPECT_EQ(score.exit_code, 2);
  EXPECT_THAT(score.err, HasSubstr("--score has no meaning here"));
  std::filesystem::create_directory(folder_ / "empty");
  const ToolResult empty = run_tool("predict " + path("m.onnx") + " " + path("empty"));
  EXPECT_EQ(empty.exit_code, 3);
  EXPECT_THAT(empty.err, HasSubstr("no image in this folder"));
}

TEST_F(ClassifierCommands, EvaluateCountsWhatIsRight) {
  const auto report = nlohmann::json::parse(
      run_tool("predict " + path("m.onnx") + " " + kPhotos + " --json -").out);
  std::string list;
  for (std::size_t k = 0; k < report["images"].size(); ++k) {
    const auto& image = report["images"][k];
    const std::size_t rank = k % 3 == 0 ? 0 : k % 3 == 1 ? 3 : 4;  // a third is right
    list += image["file"].get<std::string>() + "\t" + image["classes"][rank]["label"].dump() + "\n";
  }
  testing::write_file(folder_ / "list.txt", list);
  const ToolResult result =
      run_tool("evaluate " + path("m.onnx") + " " + path("list.txt") + " --json");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const auto evaluated = nlohmann::json::parse(result.out);
  EXPECT_EQ(evaluated["images"], 6);
  EXPECT_EQ(evaluated["right"], 2);
  EXPECT_EQ(evaluated["right_in_5"], 6);
  testing::write_file(folder_ / "list.txt", "a.jpg 10\n");
  EXPECT_EQ(run_tool("evaluate " + path("m.onnx") + " " + path("list.txt")).exit_code, 2);
}

TEST_F(ClassifierCommands, EvaluateTakesFoldersOfClasses) {
  for (int k = 0; k < 10; ++k) {
    std::filesystem::create_directories(folder_ / ("data/" + std::to_string(k)));
  }
  std::filesystem::copy_file(TV2ONNX_SOURCE_DIR "/examples/shapes/images/000.jpg",
                             folder_ / "data/3/a.jpg");
  const ToolResult result = run_tool("evaluate " + path("m.onnx") + " " + path("data"));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("1 image, folders in the order of their names"),
                                HasSubstr("top-1"), HasSubstr("top-5")));
  std::filesystem::remove(folder_ / "data/9");
  const ToolResult nine = run_tool("evaluate " + path("m.onnx") + " " + path("data"));
  EXPECT_EQ(nine.exit_code, 2);
  EXPECT_THAT(nine.err, HasSubstr("9 folders, of which 0 are named as classes"));
}

TEST_F(ClassifierCommands, EvaluateSaysWhatAFolderLacks) {
  const std::string evaluate = "evaluate " + path("m.onnx") + " ";
  std::filesystem::create_directories(folder_ / "data");
  const ToolResult empty = run_tool(evaluate + path("data"));
  EXPECT_EQ(empty.exit_code, 3);
  EXPECT_THAT(empty.err, AllOf(HasSubstr("I005"), HasSubstr("no image of any class")));
  const ToolResult photos = run_tool(evaluate + kPhotos);
  EXPECT_EQ(photos.exit_code, 2);
  EXPECT_THAT(photos.err, AllOf(HasSubstr("no folders of classes"), HasSubstr("--labels")));
}

/// Somebody counts on what the name says.
TEST_F(ClassifierCommands, ANameOfOtherWeightsIsRefused) {
  save(squeezenet(), "vit_b_16-c867db91.safetensors");
  const std::string command =
      "export -f " + path("vit_b_16-c867db91.safetensors") + " -o " + path("m.onnx");
  const ToolResult refused = run_tool(command);
  expect_refusal(refused, "W004");
  EXPECT_THAT(refused.err, AllOf(HasSubstr("those of squeezenet1_1"),
                                 HasSubstr("called as IMAGENET1K_V1 of vit_b_16")));
  EXPECT_EQ(run_tool(command + " --arch squeezenet1_1").exit_code, 0);
  save(squeezenet(), "squeezenet1_1-b8a52dc0.safetensors");
  EXPECT_EQ(
      run_tool("export -f " + path("squeezenet1_1-b8a52dc0.safetensors") + " -o " + path("m.onnx"))
          .exit_code,
      0);
}

TEST_F(ClassifierCommands, DoctorFindsNothingWrong) {
  const ToolResult result = run_tool("doctor " + path("m.onnx"));
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, AllOf(HasSubstr("healthy"), HasSubstr("RGB 0..255, normalised inside")));
}

TEST_F(ClassifierCommands, OptionsOfDetectorsAreRefused) {
  for (const char* option : {"--input float", "--outputs flat", "--masks full", "--size 64x64",
                             "--box-score-thresh 0.3"}) {
    const ToolResult result = run_tool("export -f " + path("squeeze.safetensors") + " -o " +
                                       path("m.onnx") + " " + option);
    EXPECT_EQ(result.exit_code, 2) << option << result.err;
  }
}

TEST_F(ClassifierCommands, ClassNamesHaveNoBackground) {
  testing::write_file(folder_ / "ten.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
  testing::write_file(folder_ / "nine.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\n");
  const std::string export_with =
      "export -f " + path("squeeze.safetensors") + " -o " + path("m.onnx") + " --class-names ";
  EXPECT_EQ(run_tool(export_with + path("ten.txt")).exit_code, 0);
  EXPECT_THAT(run_tool("inspect " + path("m.onnx")).out, HasSubstr(R"(["a","b","c")"));
  const ToolResult nine = run_tool(export_with + path("nine.txt"));
  EXPECT_EQ(nine.exit_code, 2);
  EXPECT_THAT(nine.err, AllOf(HasSubstr("9 class names, the model 10 classes"),
                              Not(HasSubstr("background"))));
}

TEST_F(ClassifierCommands, WeightsThatAreNoNumbersAreRefused) {
  Checkpoint checkpoint = squeezenet();
  const auto last = std::ranges::find(checkpoint.tensors, "classifier.1.bias", &NamedTensor::name);
  last->tensor = make_tensor({10}, std::vector(10, std::numeric_limits<float>::quiet_NaN()));
  save(checkpoint, "nan.safetensors");
  const ToolResult result =
      run_tool("export " + path("nan.safetensors") + " -o " + path("nan.onnx"));
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, AllOf(HasSubstr("W006"), HasSubstr("classifier.1.bias")));
}

TEST_F(ClassifierCommands, FeaturesOfSsdAreNoClassifier) {
  Checkpoint vgg = testing::with_designed_values(testing::builder_tensors().at("vgg16"), {});
  for (NamedTensor& named : vgg.tensors) {
    if (named.name == "classifier.6.bias") {
      named.tensor =
          make_tensor({1000}, std::vector(1000, std::numeric_limits<float>::quiet_NaN()));
    }
  }
  EXPECT_THAT(testing::message_of([&] { export_to_memory(vgg, {}); }),
              AllOf(HasSubstr("W006"), HasSubstr("classifier.6.bias"),
                    HasSubstr("IMAGENET1K_FEATURES weights of vgg16 are features for SSD")));
  EXPECT_THAT(
      testing::message_of([&] { export_to_memory(vgg, {.weights = "IMAGENET1K_FEATURES"}); }),
      HasSubstr("their classifier is not usable"));
}

TEST_F(ClassifierCommands, AnotherNameIsRefused) {
  const ToolResult result = run_tool("export -f " + path("squeeze.safetensors") + " -o " +
                                     path("m.onnx") + " --arch resnet18");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("the weights are those of squeezenet1_1, not of resnet18"));
}

}  // namespace
}  // namespace tv2onnx
