// Masks and keypoints in all modes of output. parity_test compares what they say.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/onnx_checker.h"
#include "support/tensors.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/detector.h"
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
  std::vector<std::pair<std::string, std::string>> settings = {};  ///< not in a state dict
};

const Variant kMasks{"masks",
                     {{"min_size", "160"}, {"max_size", "240"}, {"box_detections_per_img", "12"}}};
const Variant kAssembled{"masks_assembled"};
const Variant kKeypoints{"keypoints_assembled"};
constexpr std::int64_t kLimit = 12;    // QUICK of live_roi_branches.py
constexpr std::size_t kFirstPart = 3;  // outputs after boxes, labels, scores

std::string live(const std::string& file) {
  return TV2ONNX_LIVE_DIR "/" + file;
}

std::string exported_file(const Variant& variant, MaskOutput masks, OutputMode outputs) {
  ExportOptions options;
  options.write.overwrite = true;
  options.build.outputs = outputs;
  options.build.detection.masks = masks;
  options.build.torchvision = parse_torchvision_version(
      read_reference(live(variant.name + ".safetensors")).metadata.at("torchvision"));
  for (const auto& [name, value] : variant.settings) {
    options.overrides.push_back({name, parse_json(value), "test"});
  }
  // Tests run beside each other, so each has files of its own.
  const std::string test = ::testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::string file = live(variant.name + "_" + test + ".onnx");
  const ExportReport report =
      export_onnx(open_checkpoint(live(variant.name + ".pth")), file, options);
  EXPECT_EQ(testing::check_with_onnx(file), "");
  const OnnxSummary summary = read_onnx_summary(file);
  for (const char* banned : {"Loop", "If", "Scan", "SequenceConstruct", "SequenceAt"}) {
    EXPECT_FALSE(summary.operators.contains(banned)) << banned;
  }
  return file;
}

Session exported(const Variant& variant, MaskOutput masks, OutputMode outputs = OutputMode::kFlat) {
  return {exported_file(variant, masks, outputs), {}};
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
    return exported(kAssembled, kind, outputs);
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

  const Session points = exported(kKeypoints, MaskOutput::kAuto, OutputMode::kBatched);
  EXPECT_FALSE(points.metadata().contains("tv2onnx.masks"));
  EXPECT_EQ(ports(points)[3], "keypoints [batch, detections, , ]");
  EXPECT_EQ(ports(points)[4], "keypoints_scores [batch, detections, ]");
}

void expect_nothing_found(const Variant& variant, MaskOutput kind) {
  Variant strict = variant;
  strict.settings = {{"box_score_thresh", "1.0"}};
  const Tensor images = make_tensor({2, 3, 40, 60}, std::vector<float>(14400, 0.5F));
  const auto part = [&](OutputMode mode) {
    return exported(strict, kind, mode).run({images})[kFirstPart];
  };
  EXPECT_EQ(part(OutputMode::kFlat).shape[0], 0);
  EXPECT_EQ(part(OutputMode::kBatched).shape[1], 0);
  const Tensor fixed = part(OutputMode::kFixed);
  EXPECT_EQ(fixed.shape[1], kLimit);
  EXPECT_THAT(to_float(fixed), Each(0.0F));
}

TEST(RoiOutputs, NoDetectionsAreAnOrdinaryResult) {
  expect_nothing_found(kAssembled, MaskOutput::kRoi);
  expect_nothing_found(kAssembled, MaskOutput::kFull);
  expect_nothing_found(kKeypoints, MaskOutput::kAuto);
}

TEST(RoiOutputs, FullMasksAreThoseOfTorchvision) {
  const Session session = exported(kMasks, MaskOutput::kAuto);
  const Checkpoint arrays = open_checkpoint(live("masks_full.safetensors"));
  const std::vector<Tensor> found = session.run({unit_range(*arrays.find("input"))});
  testing::expect_near(found[kFirstPart], *arrays.find("masks"), 1e-3F);
}

TEST(RoiOutputs, FullMasksOfABatchAreThoseOfTorchvision) {
  const std::string file = exported_file(kMasks, MaskOutput::kFull, OutputMode::kBatched);
  // One flip would be more than the share that is allowed; the least number of masks bounds them.
  const VerifyReport report = verify(Detector(file), read_reference(live("masks.safetensors")),
                                     {.tolerance = {}, .max_flips = 1, .control = {}});
  EXPECT_TRUE(report.equal()) << report.reason;
  EXPECT_GE(report.masks, 80U);
}

}  // namespace
}  // namespace tv2onnx
