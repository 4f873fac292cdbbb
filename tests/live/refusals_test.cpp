// What does not fit is refused with the reason: detectors of live_detectors.py, changed or named
// wrongly.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>

#include "export/build_model.h"
#include "support/errors.h"
#include "support/files.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/export.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::message_of;
using ::testing::Not;

std::string live(const std::string& name) {
  return TV2ONNX_LIVE_DIR "/" + name + ".pth";
}

std::string refusal(const Checkpoint& checkpoint, const ExportOptions& options = {}) {
  return message_of([&] { build_model(checkpoint, options); });
}

/// Sets an attribute of a module of a whole-module checkpoint.
void state(Checkpoint& checkpoint, const std::string& path, const std::string& name,
           const std::string& value) {
  for (ModuleInfo& module : checkpoint.modules) {
    if (module.path != path) continue;
    for (auto& [key, setting] : module.attributes) {
      if (key == name) setting = parse_json(value);
    }
  }
}

TEST(LiveRefusals, AnotherArchitectureThanTheWeights) {
  EXPECT_THAT(
      refusal(open_checkpoint(live("resnet18")), {.arch = "fasterrcnn_mobilenet_v3_large_fpn"}),
      AllOf(HasSubstr("error[W004]"), HasSubstr("backbone: ResNet-18 with FPN"),
            HasSubstr("give --arch fasterrcnn_resnet50_fpn")));
  EXPECT_THAT(refusal(open_checkpoint(live("resnet50_v2")), {.arch = "fasterrcnn_resnet50_fpn"}),
              AllOf(HasSubstr("error[W004]"), HasSubstr("has roi_heads.box_head.0.0.weight")));
}

TEST(LiveRefusals, DilatedConvolutions) {
  Checkpoint checkpoint = open_checkpoint(live("resnet18"));
  state(checkpoint, "backbone.body.layer4.1.conv1", "dilation", "[2,2]");
  EXPECT_THAT(refusal(checkpoint),
              AllOf(HasSubstr("error[W005]"),
                    HasSubstr("backbone.body.layer4.1.conv1.dilation is [2,2], torchvision has "
                              "1")));
}

TEST(LiveRefusals, GroupNorm) {
  Checkpoint checkpoint = open_checkpoint(live("resnet18"));
  std::erase_if(checkpoint.tensors,
                [](const NamedTensor& named) { return named.name.ends_with("running_mean"); });
  EXPECT_THAT(refusal(checkpoint), AllOf(HasSubstr("error[W001]"), HasSubstr("GroupNorm")));
}

TEST(LiveRefusals, AnchorsThatTheWeightsAreNotFor) {
  Checkpoint checkpoint = open_checkpoint(live("resnet18"));
  state(checkpoint, "rpn.anchor_generator", "aspect_ratios", "[[1],[1],[1],[1],[1]]");
  EXPECT_THAT(refusal(checkpoint), AllOf(HasSubstr("error[W002]"),
                                         HasSubstr("1 anchors per cell, the weights are for 3")));
}

TEST(LiveRefusals, MeanOfAnotherNumberOfChannels) {
  EXPECT_THAT(
      refusal(open_checkpoint(live("grey"))),
      AllOf(HasSubstr("error[U002]"), HasSubstr("image_mean"), HasSubstr("1-channel images")));
}

TEST(LiveRefusals, BackbonesThatAreNotKnown) {
  Checkpoint checkpoint = open_checkpoint(live("tutorial"));
  std::erase_if(checkpoint.tensors,
                [](const NamedTensor& named) { return named.name.starts_with("backbone.1."); });
  EXPECT_THAT(refusal(checkpoint),
              AllOf(HasSubstr("error[W001]"), HasSubstr("fasterrcnn with another backbone")));
}

TEST(LiveOfficialWeights, AreKnownByTheNameOfTheirFile) {
  const testing::TemporaryFolder folder;
  const auto file = folder / "fasterrcnn_resnet50_fpn_coco-258fb6c6.pth";
  std::filesystem::copy_file(live("resnet50"), file);
  const ExportReport report = build_model(open_checkpoint(file), {}).report;
  ASSERT_EQ(report.settings.size(), 1U);
  EXPECT_EQ(report.settings[0].name, "norm_eps");
  EXPECT_EQ(report.settings[0].value, "0");
  EXPECT_EQ(report.settings[0].origin, "official COCO_V1 weights");
  EXPECT_TRUE(report.notes.empty());
}

TEST(LiveOfficialWeights, FrozenStatisticsLeaveEpsOpen) {
  const Checkpoint checkpoint = open_checkpoint(live("resnet50"));
  const auto notes = [&](const ExportOptions& options) {
    return build_model(checkpoint, options).report.notes;
  };
  EXPECT_THAT(notes({}),
              Contains(HasSubstr(
                  "norm_eps must be 0 if training began with torchvision's COCO_V1 weights")));
  EXPECT_THAT(notes({.weights = "COCO_V1"}), Not(Contains(HasSubstr("norm_eps"))));
}

ExportOptions raw(std::optional<ImageSize> size = {}) {
  ExportOptions options;
  options.build.outputs = OutputMode::kRaw;
  options.build.detection.size = size;
  return options;
}

TEST(LiveRefusals, RawOutputsOfTwoStages) {
  EXPECT_THAT(refusal(open_checkpoint(live("large")), raw(ImageSize{800, 1344})),
              AllOf(HasSubstr("error[U002]"), HasSubstr("a model with two stages"),
                    HasSubstr("RetinaNet, FCOS, SSD or SSDlite"), HasSubstr("--outputs fixed")));
}

TEST(LiveRefusals, SizesOfRawFiles) {
  const Checkpoint retinanet = open_checkpoint(live("retinanet"));
  EXPECT_THAT(refusal(retinanet, raw()), HasSubstr("--size HEIGHTxWIDTH, both multiples of 32"));
  EXPECT_THAT(refusal(retinanet, raw(ImageSize{320, 300})),
              AllOf(HasSubstr("320x300"), HasSubstr("multiples of 32")));
  const Checkpoint ssd = open_checkpoint(live("ssd"));
  EXPECT_EQ(refusal(ssd, raw(ImageSize{300, 300})), "");
  EXPECT_THAT(refusal(ssd, raw(ImageSize{320, 320})), HasSubstr("300x300, or no --size"));
  ExportOptions batched;
  batched.build.detection.size = {300, 300};
  EXPECT_THAT(refusal(ssd, batched), HasSubstr("only raw and portable files"));
}

TEST(LiveRefusals, OtherInputsOfRawFiles) {
  const Checkpoint ssd = open_checkpoint(live("ssd"));
  ExportOptions options = raw();
  options.build.input = InputMode::kUint8;
  EXPECT_THAT(refusal(ssd, options), HasSubstr("uint8, auto or normalized input of a raw file"));
  options = raw();
  options.build.bgr = true;
  EXPECT_THAT(refusal(ssd, options), HasSubstr("BGR input of a raw file"));
}

}  // namespace
}  // namespace tv2onnx
