// Masks and keypoints of exported files, compared with what the installed torchvision found.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/onnx_checker.h"
#include "support/tensors.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/export.h"
#include "tv2onnx/onnx.h"
#include "tv2onnx/runtime.h"
#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

struct Variant {
  std::string name;
  std::string arch;                                                ///< that "auto" must find
  std::vector<std::pair<std::string, std::string>> settings = {};  ///< not in a state dict
};

const std::vector<std::pair<std::string, std::string>> kQuick{
    {"min_size", "160"}, {"max_size", "240"}, {"box_detections_per_img", "12"}};

const std::vector<Variant> kVariants{
    {"masks", "maskrcnn_resnet50_fpn", kQuick},
    {"masks_assembled", "maskrcnn_resnet50_fpn", {}},
    {"keypoints", "keypointrcnn_resnet50_fpn", kQuick},
    {"keypoints_assembled", "keypointrcnn_resnet50_fpn", {}},
};

std::string live(const std::string& file) {
  return TV2ONNX_LIVE_DIR "/" + file;
}

Session exported(const Variant& variant, MaskOutput masks, OutputMode outputs = OutputMode::kFlat) {
  ExportOptions options;
  options.write.overwrite = true;
  options.build.outputs = outputs;
  options.build.masks = masks;
  options.build.torchvision = parse_torchvision_version(
      read_reference(live(variant.name + ".safetensors")).metadata.at("torchvision"));
  for (const auto& [name, value] : variant.settings) {
    options.overrides.push_back({name, parse_json(value), "test"});
  }
  const std::string file = live(variant.name + ".onnx");
  const ExportReport report =
      export_onnx(open_checkpoint(live(variant.name + ".pth")), file, options);
  EXPECT_EQ(report.arch, variant.arch);
  EXPECT_EQ(testing::check_with_onnx(file), "");
  const OnnxSummary summary = read_onnx_summary(file);
  for (const char* banned : {"Loop", "If", "Scan", "SequenceConstruct", "SequenceAt"}) {
    EXPECT_FALSE(summary.operators.contains(banned)) << banned;
  }
  return {file, {}};
}

/// float32 [n, 3, height, width] in 0..1.
Tensor unit_range(const Tensor& pixels) {
  const std::int64_t count = pixels.shape[0];
  const auto area = static_cast<std::size_t>(pixels.shape[1] * pixels.shape[2]);
  const std::vector<float> bytes = to_float(pixels);
  std::vector<float> values(bytes.size());
  for (std::size_t k = 0; k < bytes.size(); ++k) {
    const std::size_t image = k / (3 * area);
    const std::size_t place = k % (3 * area) / 3;
    values[(3 * image + k % 3) * area + place] = bytes[k] / 255.0F;
  }
  return make_tensor({count, 3, pixels.shape[1], pixels.shape[2]}, std::move(values));
}

constexpr std::size_t kFirstPart = 3;  // behind boxes, labels and scores

/// Flips are counted over all variants: one would be too many for a small one.
constexpr double kAnyFlips = 1;

TEST(RoiOutputs, AreThoseOfTorchvision) {
  VerifyReport sum;
  for (const Variant& variant : kVariants) {
    const Reference reference = read_reference(live(variant.name + ".safetensors"));
    // With masks over the box, and with masks in the image, which the verification pastes itself.
    for (const OutputMode outputs : {OutputMode::kBatched, OutputMode::kFlat}) {
      const Session session = exported(variant, MaskOutput::kAuto, outputs);
      const VerifyReport report = verify(Detector(session.file()), reference,
                                         {.tolerance = {}, .max_flips = kAnyFlips, .progress = {}});
      EXPECT_TRUE(report.equal()) << variant.name << ": " << report.reason;
      EXPECT_GE(report.masks + report.keypoints, 40U);
      fmt::print(
          "{}: {} detections, {} flips, worst box {:.2g} px, {} masks, worst {:.2g}, {} "
          "keypoints, {} flips, worst {:.2g} px and {:.2g}\n",
          variant.name, report.expected, report.flips, report.worst.box, report.masks,
          report.worst.mask, report.keypoints, report.keypoint_flips, report.worst.keypoint,
          report.worst.keypoint_score);
      sum.expected += report.expected;
      sum.flips += report.flips;
      sum.keypoints += report.keypoints;
      sum.keypoint_flips += report.keypoint_flips;
    }
  }
  EXPECT_LE(sum.flips * 200, sum.expected);
  EXPECT_LE(sum.keypoint_flips * 200, sum.keypoints);
}

/// Names and symbolic dimensions of the outputs, as `masks [batch, detections, ?, ?, ?]`.
std::vector<std::string> ports(const Session& session) {
  std::vector<std::string> texts;
  for (const PortInfo& port : session.outputs()) {
    texts.push_back(fmt::format("{} [{}]", port.name, fmt::join(port.symbols, ", ")));
  }
  return texts;
}

TEST(RoiOutputs, FilesSayWhatTheyHave) {
  const auto masks = [](OutputMode outputs, MaskOutput kind) {
    return exported(kVariants[1], kind, outputs);
  };
  const Session batched = masks(OutputMode::kBatched, MaskOutput::kAuto);
  EXPECT_EQ(batched.metadata().at("tv2onnx.masks"), "roi");
  EXPECT_THAT(ports(batched),
              ElementsAre("boxes [batch, detections, ]", "labels [batch, detections]",
                          "scores [batch, detections]", "masks [batch, detections, , , ]",
                          "num_detections [batch]"));
  const Session fixed = masks(OutputMode::kFixed, MaskOutput::kFull);
  EXPECT_EQ(fixed.metadata().at("tv2onnx.masks"), "full");
  EXPECT_EQ(ports(fixed)[3], "masks [batch, , , height, width]");
  const Session flat = masks(OutputMode::kFlat, MaskOutput::kAuto);
  EXPECT_EQ(flat.metadata().at("tv2onnx.masks"), "full");
  EXPECT_EQ(ports(flat)[3], "masks [detections, , height, width]");

  const Session points = exported(kVariants[3], MaskOutput::kAuto, OutputMode::kBatched);
  EXPECT_FALSE(points.metadata().contains("tv2onnx.masks"));
  EXPECT_EQ(ports(points)[3], "keypoints [batch, detections, , ]");
  EXPECT_EQ(ports(points)[4], "keypoints_scores [batch, detections, ]");
}

TEST(RoiOutputs, BlankImagesInABatchHaveNoDetections) {
  // Nothing passes this threshold, so that no image has any.
  for (const std::size_t variant : {1U, 3U}) {
    Variant strict = kVariants[variant];
    strict.settings = {{"box_score_thresh", "1.0"}};
    const Tensor images = make_tensor({2, 3, 40, 60}, std::vector<float>(14400, 0.5F));
    for (const MaskOutput masks : {MaskOutput::kRoi, MaskOutput::kFull}) {
      if (variant == 3 && masks == MaskOutput::kFull) continue;
      const MaskOutput kind = variant == 3 ? MaskOutput::kAuto : masks;
      const auto flat = exported(strict, kind, OutputMode::kFlat).run({images});
      EXPECT_EQ(flat[kFirstPart].shape[0], 0);
      const auto batched = exported(strict, kind, OutputMode::kBatched).run({images});
      EXPECT_EQ(batched[kFirstPart].shape[1], 0);
      const auto fixed = exported(strict, kind, OutputMode::kFixed).run({images});
      EXPECT_EQ(fixed[kFirstPart].shape[1], 12);
      EXPECT_THAT(to_float(fixed[kFirstPart]), Each(0.0F));
    }
  }
}

TEST(RoiOutputs, FullMasksAreThoseOfTorchvision) {
  const Session session = exported(kVariants[0], MaskOutput::kAuto);
  const Checkpoint arrays = open_checkpoint(live("masks_full.safetensors"));
  const std::vector<Tensor> found = session.run({unit_range(*arrays.find("input"))});
  testing::expect_near(found[kFirstPart], *arrays.find("masks"), 1e-3F);
}

}  // namespace
}  // namespace tv2onnx
