// Detectors whose backbones are not torchvision's, made by live_backbones.py: exported with the
// backbone's own file they are equal to PyTorch.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

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
using ::testing::Contains;
using ::testing::ElementsAre;
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

/// Those images are equal that torchvision pads to the size of the file, and it says which are not.
TEST(LiveBackbonesRaw, FilesSayWhatTorchvisionPadsToAnotherSize) {
  const testing::TemporaryFolder folder;
  ExportOptions options = with_backbone("like_timm");
  options.build.outputs = OutputMode::kRaw;
  options.build.detection.size = ImageSize{128, 192};
  options.backbone->measure = run_backbone(options.backbone->path, {}, {});
  export_onnx(open_checkpoint(kFolder / "like_timm.pth"), folder / "raw.onnx", options);
  const Reference reference = read_reference((kFolder / "like_timm.safetensors").string());
  const VerifyReport report = verify(Detector(folder / "raw.onnx"), reference);
  std::vector<std::string> compared;
  for (const ImageResult& row : report.images) {
    if (row.skipped.empty()) {
      compared.push_back(row.case_name);
      EXPECT_TRUE(row.equal()) << to_json(report);
    } else {
      EXPECT_THAT(row.skipped, HasSubstr("and the file to 128x192"));
    }
  }
  EXPECT_THAT(compared, ElementsAre("scene_120x163", "batch_2", "batch_2"));
  EXPECT_THAT(report.images[0].skipped, HasSubstr("torchvision pads it to 128x128"));
}

/// Of the zoo, of which a state dict says all but sizes.
struct OfTheZoo {
  const char* name;
  const char* backbone;  ///< what it is recognised as
  int maps;              ///< behind the pyramid
  bool whole;            ///< the whole module has torchvision's classes only
  std::vector<std::pair<std::string, std::string>> settings = {};  ///< beside small_settings()
};
const OfTheZoo kOfTheZoo[] = {
    {"zoo_efficientnet", "EfficientNet-B0 with FPN", 4, true},
    {"zoo_convnext", "ConvNeXt-Tiny with FPN", 3, true},
    {"zoo_regnet", "RegNetY 400MF with FPN", 4, false},
    {"zoo_swin",
     "Swin Transformer, tiny with FPN",
     3,
     false,
     {{"min_size", "40"}, {"max_size", "100"}, {"size_divisible", "8"}}},
};

/// live_backbones.py, rcnn() and box_head().
ExportOptions small_settings(const OfTheZoo& row) {
  std::vector<std::string> sizes;
  std::vector<std::string> names;
  for (int k = 0; k < row.maps; ++k) {
    sizes.push_back(fmt::format("[{}]", 16 << k));
    if (k + 1 < row.maps) names.push_back(fmt::format("\"{}\"", k));
  }
  const std::vector<std::string> ratios(sizes.size(), "[0.5,1,2]");
  std::vector<std::pair<std::string, std::string>> settings{
      {"min_size", "128"},
      {"max_size", "200"},
      {"rpn_pre_nms_top_n_test", "200"},
      {"rpn_post_nms_top_n_test", "60"},
      {"box_detections_per_img", "20"},
      {"box_roi_pool.output_size", "4"},
      {"box_roi_pool.featmap_names", fmt::format("[{}]", fmt::join(names, ","))},
      {"rpn_anchor_generator.sizes", fmt::format("[{}]", fmt::join(sizes, ","))},
      {"rpn_anchor_generator.aspect_ratios", fmt::format("[{}]", fmt::join(ratios, ","))}};
  settings.insert(settings.end(), row.settings.begin(), row.settings.end());
  ExportOptions options;
  options.build.torchvision = {0, 14};
  for (const auto& [name, value] : settings) {
    options.overrides.push_back({name, parse_json(value), "test"});
  }
  return options;
}

class LiveZooBackbones : public ::testing::TestWithParam<OfTheZoo> {};

TEST_P(LiveZooBackbones, AreBuiltFromTheStateDict) {
  const OfTheZoo& row = GetParam();
  const testing::TemporaryFolder folder;
  const Checkpoint state = open_checkpoint(kFolder / (row.name + std::string("_state.pth")));
  EXPECT_THAT(recognise(state).reasons, Contains("backbone: " + std::string(row.backbone)));
  export_onnx(state, folder / "state.onnx", small_settings(row));
  const Detectors detector{row.name, "", 20};
  expect_equal(detector, folder / "state.onnx");
  const Checkpoint module = open_checkpoint(kFolder / (row.name + std::string(".pth")));
  if (!row.whole) {
    EXPECT_THAT(message_of([&] { export_to_memory(module, {}); }), HasSubstr("error[W005]"));
    return;
  }
  ExportOptions options;
  options.build.torchvision = {0, 14};
  export_onnx(module, folder / "module.onnx", options);
  expect_equal(detector, folder / "module.onnx");
}

INSTANTIATE_TEST_SUITE_P(All, LiveZooBackbones, ::testing::ValuesIn(kOfTheZoo),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(LiveBackbonesScript, NamesWhatTheImageDecides) {
  const std::string odd = testing::read_file(kFolder / "Odd.txt");
  EXPECT_THAT(odd, AllOf(HasSubstr("the size of the image decides"), HasSubstr("/more/Conv")));
  EXPECT_THAT(testing::read_file(kFolder / "Looping.txt"), HasSubstr(" and (224, 160) differ"));
}

TEST(LiveBackbonesScript, WhatCreateFeatureExtractorMadeIsReadFromAWholeModule) {
  const Checkpoint checkpoint = open_checkpoint(kFolder / "extracted.pth");
  EXPECT_NE(checkpoint.find("backbone.body.features.0.0.weight"), nullptr);
  EXPECT_NE(checkpoint.module("backbone.body.features.2.0.block"), nullptr);
}

TEST(LiveBackbonesScript, LayersOfAHeadThatAreNotKnownAreNamed) {
  const Checkpoint checkpoint = open_checkpoint(kFolder / "unknown_layer.pth");
  EXPECT_THAT(message_of([&] { export_to_memory(checkpoint, with_backbone("one_map")); }),
              AllOf(HasSubstr("error[W005]"),
                    HasSubstr("roi_heads.box_head.2 is torch.nn.modules.activation.CELU")));
}

TEST(LiveBackbonesScript, OfAnotherCheckpointIsRefused) {
  Checkpoint checkpoint = open_checkpoint(kFolder / "like_timm.pth");
  const auto weight =
      std::ranges::find(checkpoint.tensors, "backbone.net.blocks.1.0.weight", &NamedTensor::name);
  ASSERT_NE(weight, checkpoint.tensors.end());
  const auto count = static_cast<std::size_t>(weight->tensor.size());
  weight->tensor = make_tensor(weight->tensor.shape, std::vector<float>(count, 0.25F));
  EXPECT_THAT(
      message_of([&] { export_to_memory(checkpoint, with_backbone("like_timm")); }),
      AllOf(HasSubstr("error[W007]: 1 tensor of"), HasSubstr("backbone.net.blocks.1.0.weight: ")));
}

}  // namespace
}  // namespace tv2onnx
