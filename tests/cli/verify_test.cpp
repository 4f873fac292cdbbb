#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "support/files.h"
#include "support/run_tool.h"
#include "verify/safetensors_file.h"

namespace tv2onnx {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::run_tool;
using testing::TemporaryFolder;
using testing::ToolResult;
using testing::write_file;

constexpr const char* kGolden = TV2ONNX_SOURCE_DIR "/tests/golden";

ToolResult verify_tool(const std::string& model, const std::string& rest) {
  return run_tool(std::string("verify '") + kGolden + "/runtime/" + model + ".onnx' --against " +
                  rest);
}

std::string recorded() {
  return std::string("'") + kGolden + "/verify/fake.safetensors' ";
}

TEST(VerifyTool, EqualIsZero) {
  const ToolResult result = verify_tool("batched", recorded());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("case         image  size   resized  expected  found"));
  EXPECT_THAT(result.out, HasSubstr("batch_3      3/3    30x40  100x133  6         6      6"));
  EXPECT_THAT(result.out, HasSubstr("\nequal: 7 images, 27 of 27 detections matched"));
  EXPECT_EQ(result.err, "");
}

TEST(VerifyTool, DifferentIsOneWithTheFirstReason) {
  const ToolResult result = verify_tool("shifted", recorded());
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("DIFFERS"));
  EXPECT_THAT(result.out, HasSubstr("\nNOT EQUAL, 5 of 7 images: wide (40x57): 4 detections"));
  EXPECT_EQ(verify_tool("shifted", recorded() + "--max-box-diff 1.001").exit_code, 0);
}

TEST(VerifyTool, JsonSaysTheSame) {
  const auto good = nlohmann::json::parse(verify_tool("batched", recorded() + "--json").out);
  EXPECT_TRUE(good.at("equal"));
  EXPECT_EQ(good.at("matched"), 27);
  EXPECT_EQ(good.at("images").size(), 7U);
  EXPECT_EQ(good.at("images")[0].at("resized"), nlohmann::json({100, 142}));
  const auto bad = nlohmann::json::parse(verify_tool("shifted", recorded() + "--json").out);
  EXPECT_FALSE(bad.at("equal"));
  EXPECT_EQ(bad.at("images")[0].at("different").size(), 4U);
  EXPECT_NEAR(bad.at("images")[0].at("different")[0].at("box_px"), 1, 1e-5);
}

TEST(VerifyTool, AgainstAnotherFile) {
  const std::string other = std::string("'") + kGolden + "/runtime/flat.onnx' --sizes quick";
  const ToolResult result = verify_tool("uint8_bgr", other);
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("skipped: float image, and the file takes bytes"));
  EXPECT_THAT(result.out, HasSubstr("1 image skipped"));
  EXPECT_EQ(verify_tool("shifted", other).exit_code, 1);
}

TEST(VerifyTool, AgainstAnotherFileOnPhotos) {
  const ToolResult result = verify_tool("batched", std::string("'") + kGolden +
                                                       "/runtime/flat.onnx' --sizes quick "
                                                       "--image '" +
                                                       kGolden + "/verify/none.jpg'");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("none.jpg"));
}

TEST(VerifyTool, OptionsThatHaveNoMeaningAreErrors) {
  EXPECT_EQ(verify_tool("batched", recorded() + "--image x.jpg").exit_code, 2);
  EXPECT_EQ(verify_tool("batched", recorded() + "--trust").exit_code, 2);
  EXPECT_EQ(verify_tool("batched", recorded() + "--with-float64").exit_code, 2);
  EXPECT_EQ(verify_tool("batched", recorded() + "--max-box-diff=-1").exit_code, 2);
  EXPECT_EQ(verify_tool("batched", recorded() + "--sizes huge").exit_code, 2);
}

TEST(VerifyTool, FilesThatAreNotThere) {
  EXPECT_EQ(verify_tool("batched", "/no/such/file").exit_code, 3);
  EXPECT_EQ(verify_tool("absent", recorded()).exit_code, 3);
}

/// The detector of the demo, exported with `options` and verified against what PyTorch gave.
ToolResult verify_shapes(const std::string& options) {
  const TemporaryFolder folder;
  const std::string model = "'" + (folder / "shapes.onnx").string() + "'";
  ToolResult exported =
      run_tool("export '" TV2ONNX_SOURCE_DIR "/examples/shapes/fasterrcnn_shapes_half.pth' -o " +
               model + " " + options);
  if (exported.exit_code != 0) return exported;
  return run_tool("verify " + model + " --against '" + kGolden + "/shapes/reference.safetensors'");
}

TEST(VerifyTool, ShapesDetectorEqualsPyTorch) {
  for (const char* options : {"", "--torchvision 0.14", "--outputs flat", "--input uint8"}) {
    const ToolResult result = verify_shapes(options);
    EXPECT_EQ(result.exit_code, 0) << options << "\n" << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("97 of 97 detections matched")) << options;
  }
}

TEST(VerifyTool, ShapesDetectorWithOtherSettingsDoesNot) {
  const ToolResult result = verify_shapes("--image-mean 0.5,0.5,0.5");
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.out, HasSubstr("NOTE: the reference was made with image_mean = "));
  EXPECT_EQ(verify_shapes("--box-nms-thresh 0.7").exit_code, 1);
}

/// A stand-in for Python, named in TV2ONNX_PYTHON, that runs `script`.
class VerifyAgainstCheckpoint : public ::testing::Test {
 protected:
  VerifyAgainstCheckpoint() {
    testing::write_safetensors(folder_ / "weights.safetensors",
                               {{"layer.weight", make_tensor({2}, std::vector<float>{1, 2})}});
  }
  ~VerifyAgainstCheckpoint() override { ::unsetenv("TV2ONNX_PYTHON"); }

  ToolResult run(const std::string& script, const std::string& options = "",
                 const std::string& model = "batched") {
    write_file(folder_ / "python", "#!/bin/sh\n" + script);
    std::filesystem::permissions(folder_ / "python", std::filesystem::perms::owner_all);
    ::setenv("TV2ONNX_PYTHON", (folder_ / "python").c_str(), 1);
    return verify_tool(model, "'" + (folder_ / "weights.safetensors").string() + "' " + options);
  }
  TemporaryFolder folder_;
};

TEST_F(VerifyAgainstCheckpoint, RunsTheScriptAndCompares) {
  // A file that does not say from which checkpoint it is.
  const std::string model = "torch_labels_scores";
  const ToolResult result = run("echo working >&2; cat " + recorded(), "", model);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("(run in torch "));
  EXPECT_THAT(result.err, HasSubstr("  working\n"));
  EXPECT_EQ(run("echo working >&2; cat " + recorded(), "-q").err, "");
}

TEST_F(VerifyAgainstCheckpoint, ATimeLimitEndsPythonToo) {
  const std::string place = (folder_ / "pid").string();
  const ToolResult result = run("echo $$ > '" + place + "'; exec sleep 300", "--time-limit 2");
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.err, HasSubstr("X003"));
  const std::string status =
      "/proc/" + std::to_string(std::stoi(testing::read_file(place))) + "/stat";
  for (int tries = 0; tries < 100 && std::filesystem::exists(status); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  // Where nobody collects orphans, what is left of it is a zombie.
  const bool gone = !std::filesystem::exists(status) ||
                    testing::read_file(status).find(") Z ") != std::string::npos;
  EXPECT_TRUE(gone) << status;
}

TEST_F(VerifyAgainstCheckpoint, AnotherCheckpointIsSaidFirstAndSettingsLast) {
  const ToolResult result = run("cat " + recorded());
  EXPECT_EQ(result.exit_code, 1) << result.err;
  const std::size_t table = result.out.find("case         image");
  EXPECT_LT(result.out.find("NOTE: "), table);
  EXPECT_THAT(result.out.substr(0, table), HasSubstr("was exported from another checkpoint than"));
  EXPECT_THAT(result.out, HasSubstr("\nNOT DECIDED: "));
  EXPECT_THAT(result.out,
              EndsWith("\nsettings were taken from the file: a forgotten --min-size does not "
                       "show; record_reference.py checks it\n"));
  const auto json = nlohmann::json::parse(run("cat " + recorded(), "--json").out);
  EXPECT_EQ(json.at("verdict"), "not decided");
}

TEST_F(VerifyAgainstCheckpoint, GivesTheSettingsOfTheFile) {
  const std::string log = (folder_ / "arguments").string();
  run("printf '%s\\n' \"$@\" > '" + log + "'; cat " + recorded(),
      "--sizes quick --image 'my photo.jpg'");
  const std::string arguments = testing::read_file(log);
  EXPECT_THAT(arguments, HasSubstr("record_reference.py\n"));
  EXPECT_THAT(arguments, HasSubstr("--output=-\n--sizes=quick\n--builder=fake_detector\n"));
  EXPECT_THAT(arguments, HasSubstr("--settings={\"min_size\":100,"));
  EXPECT_THAT(arguments, HasSubstr("\n--image=my photo.jpg\n"));
  EXPECT_THAT(arguments, Not(HasSubstr("--trust")));
}

TEST_F(VerifyAgainstCheckpoint, DoublePrecisionIsForWhatDiffers) {
  const std::string log = (folder_ / "arguments").string();
  const std::string script =
      "printf '%s ' \"$@\" >> '" + log + "'; echo >> '" + log + "'; cat " + recorded();
  run(script, "--with-float64");
  EXPECT_THAT(testing::read_file(log), Not(HasSubstr("--with-float64")));
  std::filesystem::remove(log);
  // Nothing is equal to the last bit.
  run(script, "--with-float64 --max-box-diff 0 --max-score-diff 0");
  const std::string calls = testing::read_file(log);
  const std::size_t second = calls.find('\n') + 1;
  EXPECT_THAT(calls.substr(0, second), Not(HasSubstr("--case")));
  EXPECT_THAT(calls.substr(second), HasSubstr("--with-float64 --case="));
}

TEST_F(VerifyAgainstCheckpoint, NoPythonOrNoTorchIsFourWithTheRemedy) {
  for (const char* script : {"echo 'no module named torch' >&2; exit 4", "exit 127"}) {
    const ToolResult result = run(script);
    EXPECT_EQ(result.exit_code, 4) << script;
    EXPECT_THAT(result.err, HasSubstr("error[V003]"));
    EXPECT_THAT(result.err, HasSubstr("apt install python3-torchvision"));
  }
}

TEST_F(VerifyAgainstCheckpoint, WhatTheScriptSaysIsShown) {
  const ToolResult result = run("echo 'the weights do not fit' >&2; exit 3", "-q");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("error[V004]"));
  EXPECT_THAT(result.err, HasSubstr("the weights do not fit"));
}

TEST_F(VerifyAgainstCheckpoint, WholeModulesNeedTrust) {
  ::setenv("TV2ONNX_PYTHON", "/bin/false", 1);
  const std::string module = "'" TV2ONNX_SOURCE_DIR "/examples/shapes/fasterrcnn_shapes_half.pth' ";
  const ToolResult refused = verify_tool("batched", module);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("error[V005]"));
  EXPECT_THAT(refused.err, HasSubstr("--trust"));
  EXPECT_THAT(verify_tool("batched", module + "--trust").err, HasSubstr("error[V004]"));
}

}  // namespace
}  // namespace tv2onnx
