// Rebuilds files that the installed torch has exported from torchvision's detectors, and compares
// with what torchvision found. tests/gen/foreign_detectors.py and broken_detectors.py make them;
// CTest runs them first.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "doctor/rebuild/equality.h"
#include "support/errors.h"
#include "support/files.h"
#include "support/onnx_checker.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kMobile = "fasterrcnn_mobilenet_v3_large_fpn";
constexpr const char* kMobile320 = "fasterrcnn_mobilenet_v3_large_320_fpn";

struct Variant {
  std::string file;       ///< below the folder of live detectors
  std::string reference;  ///< likewise
  std::string arch;
  std::size_t at_least;  ///< detections that the reference must have, to be worth comparing
  std::vector<std::string> defaults{};  ///< settings that the file does not have
};

Variant foreign(const std::string& name, const std::string& arch, std::size_t at_least) {
  return {"foreign/" + name, "foreign/" + name, arch, at_least};
}

Variant broken(const std::string& name, const std::string& reference, const std::string& arch) {
  return {"broken/" + name, "broken/" + reference, arch, 300};
}

const std::vector<Variant> kVariants{
    foreign("settings", kMobile, 30),
    foreign("unfolded", kMobile, 30),
    foreign("frozen", kMobile320, 50),
    foreign("resnet18", "fasterrcnn_resnet50_fpn", 100),
    foreign("version2", "fasterrcnn_resnet50_fpn_v2", 100),
    foreign("mask", "maskrcnn_resnet50_fpn", 100),
    foreign("keypoint", "keypointrcnn_resnet50_fpn", 100),
    foreign("retinanet_v2", "retinanet_resnet50_fpn_v2", 50),
    foreign("fcos", "fcos_resnet50_fpn", 50),
    foreign("ssd", "ssd300_vgg16", 300),
    foreign("ssdlite", "ssdlite320_mobilenet_v3_large", 300),
    broken("photo", "faster_rcnn", kMobile320),
    broken("unfolded", "faster_rcnn", kMobile320),
    broken("zero_silent", "faster_rcnn", kMobile320),
    broken("zero_crash", "faster_rcnn_25", kMobile320),
    // Their TopK counts the candidates of the traced image, which is below the limit.
    {"broken/ssdlite_counted",
     "broken/ssdlite_few",
     "ssdlite320_mobilenet_v3_large",
     300,
     {"topk_candidates = 300"}},
    {"broken/retinanet_counted",
     "broken/retinanet_few",
     "retinanet_resnet50_fpn",
     300,
     {"topk_candidates = 1000"}},
    broken("static", "faster_rcnn", kMobile320),
    broken("static_edited", "faster_rcnn", kMobile320),
    broken("batch2", "faster_rcnn", kMobile320),
    broken("misnamed", "faster_rcnn", kMobile320),
    broken("roialign16", "faster_rcnn", kMobile320),
    broken("retinanet_edited", "retinanet", "retinanet_resnet50_fpn"),
    broken("ssdlite_edited", "ssdlite", "ssdlite320_mobilenet_v3_large"),
};

std::string live(const std::string& file) {
  return TV2ONNX_LIVE_DIR "/" + file;
}

Rebuilt rebuilt(const std::string& name) {
  RebuildOptions options;
  options.core.write.overwrite = true;
  return rebuild(live(name + ".onnx"), live(name + ".rebuilt.onnx"), options);
}

TEST(LiveRebuild, FindsWhatTorchvisionFinds) {
  std::size_t detections = 0;
  std::size_t flips = 0;
  for (const Variant& variant : kVariants) {
    SCOPED_TRACE(variant.file);
    const Rebuilt result = rebuilt(variant.file);
    EXPECT_EQ(result.exported.arch, variant.arch);
    EXPECT_EQ(result.defaults, variant.defaults);
    EXPECT_EQ(result.doubt, "");
    const std::string file = live(variant.file + ".rebuilt.onnx");
    EXPECT_EQ(testing::check_with_onnx(file), "");
    const Reference reference = read_reference(live(variant.reference + ".safetensors"));
    // Flips are counted over all variants: one would be too many for a small one.
    const VerifyReport report =
        verify(Detector(file), reference, {.tolerance = {}, .max_flips = 1, .control = {}});
    EXPECT_TRUE(report.equal()) << report.reason;
    EXPECT_GE(report.expected, variant.at_least);
    fmt::print("{}: {} detections, {} flips, worst box {:.2g} px, worst score {:.2g}\n",
               variant.file, report.expected, report.flips, report.worst.box, report.worst.score);
    detections += report.expected;
    flips += report.flips;
    std::filesystem::remove(file);
  }
  EXPECT_LE(static_cast<double>(flips),
            VerifyOptions{}.max_flips * static_cast<double>(detections));
}

TEST(LiveRebuild, TakesOptionsOfTheNewFile) {
  RebuildOptions options;
  options.core.write.overwrite = true;
  options.core.build.input = InputMode::kUint8;
  options.core.build.outputs = OutputMode::kFlat;
  options.core.overrides = {{"box_score_thresh", {0.3}, "--box-score-thresh"}};
  const std::string file = live("foreign/options.onnx");
  const Rebuilt result = rebuild(live("foreign/resnet18.onnx"), file, options);
  EXPECT_THAT(result.proof, Not(IsEmpty()));
  const Detector detector(file);
  EXPECT_TRUE(detector.contract().input.bytes());
  EXPECT_EQ(detector.contract().outputs.form, DetectionOutputs::Form::kFlat);
  const Reference reference = read_reference(live("foreign/resnet18.safetensors"));
  std::size_t found = 0;
  for (const ReferenceCase& each : reference.cases) {
    const std::vector<Detections> all = detector.run(each.input);
    for (const Detections& image : all) {
      for (const Detection& detection : image) EXPECT_GT(detection.score, 0.3F);
      found += image.size();
    }
  }
  EXPECT_GT(found, 0U);
}

TEST(LiveRebuild, NoticesAnotherModel) {
  rebuilt("foreign/settings");
  const Detector original = doctor::foreign_detector(live("foreign/frozen.onnx"));
  TransformSpec spec;
  spec.min_size = 200;
  spec.max_size = 320;
  EXPECT_EQ(testing::code_of([&] {
              doctor::require_equal(original, live("foreign/settings.rebuilt.onnx"),
                                    doctor::inputs_for(original, spec, {}));
            }),
            "D112");
}

TEST(LiveRebuild, RefusesWhatIsNotTorchvisions) {
  const testing::TemporaryFolder folder;
  const std::string file = live("broken/attention.onnx");
  EXPECT_EQ(testing::code_of([&] { rebuild(file, folder / "out.onnx", {}); }), "D110");
  EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(RebuildNotes, LimitsThatTheTracedImageMayHaveDecided) {
  const testing::TemporaryFolder folder;
  const auto notes = [&](const std::string& file, const RebuildOptions& options) {
    return rebuild(live("broken/" + file), folder / (file + ".new"), options).notes;
  };
  const std::vector<std::string> candidates = notes("ssdlite_counted.onnx", {});
  ASSERT_EQ(candidates.size(), 1U);
  EXPECT_THAT(candidates[0], ::testing::StartsWith("topk_candidates = 300 is torchvision's"));
  const std::vector<std::string> proposals = notes("few_proposals.onnx", {});
  ASSERT_EQ(proposals.size(), 1U);
  EXPECT_THAT(proposals[0], ::testing::StartsWith("rpn_pre_nms_top_n_test = 60 is below"));
  RebuildOptions given;
  given.core.overrides.push_back({"topk_candidates", {std::int64_t{200}}, "test"});
  given.core.write.overwrite = true;
  EXPECT_THAT(notes("ssdlite_counted.onnx", given), IsEmpty());
  EXPECT_THAT(notes("photo.onnx", {}), IsEmpty());
}

}  // namespace
}  // namespace tv2onnx
