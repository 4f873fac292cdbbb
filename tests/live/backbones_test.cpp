// Detectors whose backbones are not torchvision's, made by live_backbones.py: exported with the
// backbone's own file they are equal to PyTorch.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "support/errors.h"
#include "support/files.h"
#include "tv2onnx/backbone.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/export.h"
#include "tv2onnx/reference.h"
#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::message_of;

const std::filesystem::path kFolder = TV2ONNX_LIVE_DIR "/backbones";

struct Detectors {
  const char* name;      ///< the function of live_backbones.py
  const char* arch;      ///< the row whose heads it has
  std::size_t at_least;  ///< detections that are worth comparing
};

constexpr Detectors kDetectors[] = {
    {"extracted", "fasterrcnn_resnet50_fpn", 20},
    {"cbam", "maskrcnn_resnet50_fpn", 20},
    {"like_timm", "retinanet_resnet50_fpn", 20},
    {"own_pyramid", "fcos_resnet50_fpn", 20},
    {"ssd", "ssd300_vgg16", 20},
    {"one_map", "keypointrcnn_resnet50_fpn", 20},
};

ExportOptions with_backbone(const std::string& name) {
  ExportOptions options;
  options.build.torchvision = {0, 14};
  options.backbone = BackboneFile{.path = kFolder / (name + "_backbone.onnx")};
  return options;
}

/// As torchvision answers, at five sizes and for a batch with a blank image.
void expect_equal(const Detectors& row, const std::filesystem::path& file) {
  const VerifyReport found =
      verify(Detector(file),
             read_reference((kFolder / (row.name + std::string(".safetensors"))).string()));
  EXPECT_TRUE(found.equal()) << to_json(found);
  EXPECT_GE(found.expected, row.at_least);
}

class LiveBackbones : public ::testing::TestWithParam<Detectors> {};

TEST_P(LiveBackbones, FromAFileAreEqualToPyTorch) {
  const testing::TemporaryFolder folder;
  const std::string name = GetParam().name;
  const Checkpoint checkpoint = open_checkpoint(kFolder / (name + ".pth"));
  ExportOptions options = with_backbone(name);
  const ExportReport report = export_onnx(checkpoint, folder / "float.onnx", options);
  EXPECT_EQ(report.arch, GetParam().arch);
  EXPECT_THAT(report.warnings, IsEmpty());
  EXPECT_GT(report.weights_replaced, 0U);
  EXPECT_EQ(report.weights_compared, report.weights_replaced) << "names that torch lost";
  expect_equal(GetParam(), folder / "float.onnx");
  options.build.input = InputMode::kUint8;
  export_onnx(checkpoint, folder / "uint8.onnx", options);
  expect_equal(GetParam(), folder / "uint8.onnx");
}

INSTANTIATE_TEST_SUITE_P(All, LiveBackbones, ::testing::ValuesIn(kDetectors),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(LiveBackbonesScript, NamesWhatTheImageDecides) {
  const std::string odd = testing::read_file(kFolder / "Odd.txt");
  EXPECT_THAT(odd, AllOf(HasSubstr("the size of the image decides"), HasSubstr("/more/Conv")));
  EXPECT_THAT(testing::read_file(kFolder / "Looping.txt"), HasSubstr("traces at (64, 96) and"));
}

TEST(LiveBackbonesScript, OfAnotherCheckpointIsRefused) {
  const Checkpoint checkpoint = open_checkpoint(kFolder / "one_map.pth");
  EXPECT_THAT(message_of([&] { export_to_memory(checkpoint, with_backbone("like_timm")); }),
              HasSubstr("error[W007]"));
}

}  // namespace
}  // namespace tv2onnx
