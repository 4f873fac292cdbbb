// Rebuilds files that the installed torch has exported from torchvision's detectors, and compares
// with what torchvision found. tests/gen/foreign_detectors.py makes them; CTest runs it first.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "doctor/rebuild/equality.h"
#include "support/errors.h"
#include "support/onnx_checker.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

using ::testing::IsEmpty;

struct Variant {
  std::string name;
  std::string arch;
  std::size_t at_least;  ///< detections that the reference must have, to be worth comparing
};

constexpr const char* kMobile = "fasterrcnn_mobilenet_v3_large_fpn";
constexpr const char* kMobile320 = "fasterrcnn_mobilenet_v3_large_320_fpn";

const std::vector<Variant> kVariants{
    {"photo", kMobile320, 100},    {"batch2", kMobile320, 100}, {"static", kMobile320, 100},
    {"unfolded", kMobile320, 100}, {"zero", kMobile320, 100},   {"settings", kMobile, 20},
    {"frozen", kMobile320, 50},
};

std::string foreign(const std::string& file) {
  return TV2ONNX_LIVE_DIR "/foreign/" + file;
}

Rebuilt rebuilt(const std::string& name) {
  RebuildOptions options;
  options.core.write.overwrite = true;
  return rebuild(foreign(name + ".onnx"), foreign(name + ".rebuilt.onnx"), options);
}

TEST(LiveRebuild, FindsWhatTorchvisionFinds) {
  for (const Variant& variant : kVariants) {
    SCOPED_TRACE(variant.name);
    const Rebuilt result = rebuilt(variant.name);
    EXPECT_EQ(result.exported.arch, variant.arch);
    EXPECT_THAT(result.defaults, IsEmpty());
    EXPECT_EQ(result.doubt, "");
    const std::string file = foreign(variant.name + ".rebuilt.onnx");
    EXPECT_EQ(testing::check_with_onnx(file), "");
    const Reference reference = read_reference(foreign(variant.name + ".safetensors"));
    const VerifyReport report = verify(Detector(file), reference);
    EXPECT_TRUE(report.equal()) << report.reason;
    EXPECT_GE(report.expected, variant.at_least);
    fmt::print("{}: {} detections, {} flips, worst box {:.2g} px, worst score {:.2g}\n",
               variant.name, report.expected, report.flips, report.worst.box, report.worst.score);
  }
}

TEST(LiveRebuild, TakesOptionsOfTheNewFile) {
  RebuildOptions options;
  options.core.write.overwrite = true;
  options.core.build.input = InputMode::kUint8;
  options.core.build.outputs = OutputMode::kFlat;
  options.core.overrides = {{"box_score_thresh", {0.6}, "--box-score-thresh"}};
  const std::string file = foreign("options.rebuilt.onnx");
  rebuild(foreign("static.onnx"), file, options);
  const Detector detector(file);
  EXPECT_EQ(detector.contract().input, DetectorContract::Input::kUint8);
  const Reference reference = read_reference(foreign("static.safetensors"));
  std::size_t found = 0;
  for (const ReferenceCase& each : reference.cases) {
    for (const Detections& image : detector.run(each.input)) {
      for (const Detection& detection : image) EXPECT_GT(detection.score, 0.6F);
      found += image.size();
    }
  }
  EXPECT_GT(found, 0U);
}

TEST(LiveRebuild, NoticesAnotherModel) {
  rebuilt("settings");
  const doctor::ForeignDetector original(foreign("photo.onnx"));
  const TransformSpec spec{.min_size = 200, .max_size = 320, .fixed_size = {}};
  EXPECT_EQ(testing::code_of([&] {
              doctor::require_equal(original, foreign("settings.rebuilt.onnx"),
                                    doctor::inputs_for(original, spec, {}));
            }),
            "D112");
}

TEST(LiveRebuild, RefusesWhatIsNoDetector) {
  const std::string out = foreign("none.onnx");
  EXPECT_EQ(testing::code_of([&] { rebuild(TV2ONNX_SOURCE_DIR "/README.md", out, {}); }), "O001");
  EXPECT_FALSE(std::filesystem::exists(out));
}

}  // namespace
}  // namespace tv2onnx
