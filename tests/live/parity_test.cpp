// Exports detectors that the installed torchvision has just made, and compares with what it found.
// tests/gen/live_detectors.py makes them; CTest runs it first.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "onnx/model.h"
#include "support/onnx_checker.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/export.h"
#include "tv2onnx/verify.h"
#include "zoo/detection/options.h"

namespace tv2onnx {
namespace {

constexpr const char* kResNet = "fasterrcnn_resnet50_fpn";
constexpr const char* kResNetV2 = "fasterrcnn_resnet50_fpn_v2";
constexpr const char* kLarge = "fasterrcnn_mobilenet_v3_large_fpn";
constexpr const char* kSmall = "fasterrcnn_mobilenet_v3_large_320_fpn";

constexpr const char* kMask = "maskrcnn_resnet50_fpn";
constexpr const char* kKeypoint = "keypointrcnn_resnet50_fpn";

using Settings = std::vector<std::pair<std::string, std::string>>;

/// live_faster_rcnn.py, SMALL, and what else a variant has.
Settings small_settings(Settings others = {}) {
  others.insert(others.end(), {{"min_size", "224"},
                               {"max_size", "360"},
                               {"rpn_pre_nms_top_n_test", "300"},
                               {"rpn_post_nms_top_n_test", "120"}});
  return others;
}

const Settings kOneMap{{"rpn_anchor_generator.sizes", "[[32,64,128,256,512]]"},
                       {"rpn_anchor_generator.aspect_ratios", "[[0.5,1,2]]"}};
const Settings kFourMaps{
    {"rpn_anchor_generator.sizes", "[[32],[64],[128],[256]]"},
    {"rpn_anchor_generator.aspect_ratios", "[[0.5,1,2],[0.5,1,2],[0.5,1,2],[0.5,1,2]]"}};

/// live_roi_branches.py, QUICK.
const Settings kQuick{{"min_size", "160"}, {"max_size", "240"}, {"box_detections_per_img", "12"}};

struct Variant {
  std::string name;
  std::string arch;        ///< that "auto" must find
  std::size_t at_least;    ///< detections that the reference must have, to be worth comparing
  Settings settings = {};  ///< not in a state dict
};

std::string live(const std::string& file) {
  return TV2ONNX_LIVE_DIR "/" + file;
}

/// The release whose arithmetic the reference has.
TorchvisionVersion rule_of(const Reference& reference) {
  return parse_torchvision_version(reference.metadata.at("torchvision"));
}

const std::vector<Variant> kVariants{
    {"large", kLarge, 300},
    {"large_double", kLarge, 100},
    {"settings", kLarge, 20},
    {"small_module", kSmall, 300},
    {"frozen", kLarge, 100},
    {"assembled", kLarge, 100},
    {"no_proposals", kLarge, 0, {{"min_size", "320"}}},
    {"resnet50", kResNet, 100, small_settings({{"norm_eps", "0"}})},
    {"resnet50_v2", kResNetV2, 100, small_settings()},
    {"resnet18", kResNet, 100},
    {"resnet18_empty", kResNet, 0},
    {"resnext_p6p7", kResNetV2, 100},
    {"wide_gap", kResNetV2, 100},
    {"mobilenet_v3_small", kResNet, 100},
    {"mobilenet_v2", kResNet, 100, small_settings(kFourMaps)},
    {"without_fpn", kResNet, 100, small_settings(kOneMap)},
    {"tutorial", kResNet, 100, small_settings(kOneMap)},
    {"tutorial_v3", kResNet, 100, small_settings(kOneMap)},
    {"tutorial_resnet", kResNet, 100, small_settings(kOneMap)},
    {"grey", kResNet, 100, small_settings({{"image_mean", "[0.45]"}, {"image_std", "[0.22]"}})},
    {"four_channels", kResNet, 100},
    {"masks", kMask, 40, kQuick},
    {"masks_v2", "maskrcnn_resnet50_fpn_v2", 40},
    {"masks_assembled", kMask, 40},
    {"keypoints", kKeypoint, 40, kQuick},
    {"keypoints_assembled", kKeypoint, 40},
    {"retinanet", "retinanet_resnet50_fpn", 100, {{"min_size", "224"}, {"max_size", "320"}}},
    {"retinanet_v2", "retinanet_resnet50_fpn_v2", 150},
    {"retinanet_assembled", "retinanet_resnet50_fpn", 150},
    {"fcos", "fcos_resnet50_fpn", 70, {{"min_size", "224"}, {"max_size", "320"}}},
    {"fcos_assembled", "fcos_resnet50_fpn", 400},
    {"ssd", "ssd300_vgg16", 80, {{"score_thresh", "0.5"}}},
    {"ssd_assembled", "ssd300_vgg16", 200},
    {"ssdlite", "ssdlite320_mobilenet_v3_large", 1500},
    {"ssdlite_module", "ssdlite320_mobilenet_v3_large", 100},
    {"nothing_found", "ssdlite320_mobilenet_v3_large", 0},
};

/// Exports the variant as its checkpoint says, and compares with what torchvision found.
VerifyReport verified(const Variant& variant) {
  const Reference reference = read_reference(live(variant.name + ".safetensors"));
  const std::string onnx = live(variant.name + ".onnx");
  ExportOptions options;
  options.write.overwrite = true;
  options.build.torchvision = rule_of(reference);
  for (const auto& [name, value] : variant.settings) {
    options.overrides.push_back({name, parse_json(value), "test"});
  }
  const ExportReport report =
      export_onnx(open_checkpoint(live(variant.name + ".pth")), onnx, options);
  EXPECT_EQ(report.arch, variant.arch);
  EXPECT_EQ(testing::check_with_onnx(onnx), "");
  for (const OnnxNode& node : read_onnx_model(onnx).graph.nodes) {
    EXPECT_NE(node.name.find('/'), std::string::npos) << node.name << " lacks its module's prefix";
  }
  const Diagnosis diagnosis = diagnose(onnx);
  EXPECT_TRUE(diagnosis.healthy()) << diagnosis.verdict;
  // Flips are counted over all variants: one would be too many for a small one.
  return verify(Detector(onnx), reference, {.tolerance = {}, .max_flips = 1, .control = {}});
}

void print(const std::string& name, const VerifyReport& report) {
  fmt::print("{}: {} detections, {} flips, worst box {:.2g} px, worst score {:.2g}", name,
             report.expected, report.flips, report.worst.box, report.worst.score);
  if (report.masks > 0) {
    fmt::print(", worst of {} masks {:.2g}", report.masks, report.worst.mask);
  }
  if (report.keypoints > 0) {
    fmt::print(", {} of {} keypoints flipped, worst {:.2g} px, worst score {:.2g}",
               report.keypoint_flips, report.keypoints, report.worst.keypoint,
               report.worst.keypoint_score);
  }
  fmt::print("\n");
}

TEST(LiveParity, FindsWhatTorchvisionFinds) {
  std::size_t detections = 0;
  std::size_t flips = 0;
  for (const Variant& variant : kVariants) {
    SCOPED_TRACE(variant.name);
    const VerifyReport report = verified(variant);
    const bool nothing = variant.at_least == 0;  // neither side finds anything
    EXPECT_EQ(report.verdict, nothing ? Verdict::kNotDecided : Verdict::kEqual) << report.reason;
    EXPECT_GE(report.expected, variant.at_least);
    EXPECT_EQ(report.expected + report.found == 0, nothing);
    // Of each detection that was found, also its mask or keypoints.
    EXPECT_EQ(report.masks > 0, variant.name.starts_with("masks"));
    EXPECT_EQ(report.keypoints > 0, variant.name.starts_with("keypoints"));
    for (const ImageResult& image : report.images) {
      // Scores tie where nothing is to be seen.
      EXPECT_TRUE(image.skipped.empty() || image.case_name == "blank" ||
                  (image.batch > 1 && image.image + 1 == image.batch))
          << image.case_name << ": " << image.skipped;
    }
    print(variant.name, report);
    detections += report.expected;
    flips += report.flips;
  }
  EXPECT_LE(static_cast<double>(flips),
            VerifyOptions{}.max_flips * static_cast<double>(detections));
}

TEST(LiveParityOracle, NoticesTheOtherResizeRule) {
  const Reference reference = read_reference(live("large.safetensors"));
  ExportOptions options;
  options.write.overwrite = true;
  const TorchvisionVersion installed = rule_of(reference);
  const TorchvisionVersion other = resize_rule(installed) == ResizeRule::kDouble
                                       ? TorchvisionVersion{0, 14}
                                       : TorchvisionVersion{};
  options.build.torchvision = other;
  export_onnx(open_checkpoint(live("large.pth")), live("other_rule.onnx"), options);
  EXPECT_FALSE(verify(Detector(live("other_rule.onnx")), reference).equal());
}

}  // namespace
}  // namespace tv2onnx
