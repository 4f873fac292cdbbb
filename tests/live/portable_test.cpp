// Portable files of detectors that the installed torchvision has just made: they give what the
// ordinary ones give, and what torchvision found, and no shape of theirs follows from the image.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/onnx_checker.h"
#include "support/tensors.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/export.h"
#include "tv2onnx/onnx.h"
#include "tv2onnx/runtime.h"
#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

using ::testing::Contains;
using ::testing::Key;
using ::testing::Not;

struct Variant {
  std::string name;
  std::size_t at_least = 0;  ///< detections of the recorded reference
};

std::string live(const std::string& file) {
  return TV2ONNX_LIVE_DIR "/" + file;
}

TorchvisionVersion rule_of(const Reference& reference) {
  return parse_torchvision_version(reference.metadata.at("torchvision"));
}

std::string exported(const Variant& variant, const std::string& kind, BuildOptions build) {
  const Reference reference = read_reference(live(variant.name + ".safetensors"));
  build.torchvision = rule_of(reference);
  ExportOptions options;
  options.build = std::move(build);
  options.write.overwrite = true;
  const std::string file = live(fmt::format("{}_portable_{}.onnx", variant.name, kind));
  export_onnx(open_checkpoint(live(variant.name + ".pth")), file, options);
  EXPECT_EQ(testing::check_with_onnx(file), "");
  return file;
}

BuildOptions portable() {
  BuildOptions build;
  build.detection.portable = true;
  return build;
}

BuildOptions ordinary() {
  BuildOptions build;
  build.outputs = OutputMode::kFixed;
  return build;
}

/// What stands in the way of a portable file.
std::vector<std::string> hindrances(const std::string& file) {
  std::vector<std::string> found;
  for (const Finding& finding : diagnose(file, {.target = "portable"}).findings) {
    if (finding.damage == Damage::kInformation) continue;
    found.push_back(finding.what);
    found.insert(found.end(), finding.evidence.begin(), finding.evidence.end());
  }
  return found;
}

Tensor blank(std::int64_t count, std::int64_t height, std::int64_t width) {
  const auto size = static_cast<std::size_t>(count * 3 * height * width);
  return make_tensor({count, 3, height, width}, std::vector<float>(size, 0.4F));
}

/// Squares of all sizes: many boxes of many sizes, each twice, so that scores are equal.
Tensor squares(std::int64_t count, std::int64_t height, std::int64_t width) {
  std::vector<float> values;
  for (std::int64_t image = 0; image < count; ++image) {
    for (std::int64_t channel = 0; channel < 3; ++channel) {
      for (std::int64_t y = 0; y < height; ++y) {
        for (std::int64_t x = 0; x < width; ++x) {
          const std::int64_t side = 8 + (y / 64 + x % (width / 2) / 64 + channel + image) % 5 * 9;
          const bool inside = y % 64 < side && x % (width / 2) % 64 < side;
          values.push_back(inside ? 0.9F - 0.2F * static_cast<float>(channel) : 0.1F);
        }
      }
    }
  }
  return make_tensor({count, 3, height, width}, std::move(values));
}

std::size_t found_in(const std::vector<Tensor>& results) {
  std::size_t count = 0;
  for (const std::int64_t each : to_int64(results.back())) count += static_cast<std::size_t>(each);
  return count;
}

/// Each output, row by row, to the last bit.
void expect_equal(const std::vector<Tensor>& found, const std::vector<Tensor>& wanted) {
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t k = 0; k < found.size(); ++k) {
    SCOPED_TRACE(fmt::format("output {}", k));
    EXPECT_EQ(found[k].shape, wanted[k].shape);
    EXPECT_EQ(to_float(found[k]), to_float(wanted[k]));
  }
}

/// A file for images of one size has only numbers, and gives the same but for rounding: runtimes
/// choose other layouts for sizes that they know.
void expect_only_numbers(const Variant& variant, const Session& any) {
  BuildOptions build = portable();
  build.detection.size = {130, 180};
  build.detection.batch = 2;
  const std::string file = exported(variant, "size", build);
  for (const Finding& finding : diagnose(file, {.target = "portable"}).findings) {
    EXPECT_NE(finding.code, ErrorCode("D13")) << finding.what << ": " << finding.evidence.front();
  }
  EXPECT_THAT(read_onnx_summary(file).operators, Not(Contains(Key("Shape"))));
  const Tensor images = squares(2, 130, 180);
  const std::vector<Tensor> found = Session(file, {}).run({images});
  const std::vector<Tensor> wanted = any.run({images});
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t k = 0; k < found.size(); ++k) testing::expect_near(found[k], wanted[k], 1e-3F);
}

class Portable : public ::testing::TestWithParam<std::string> {};

TEST_P(Portable, GivesWhatTheOrdinaryFileGives) {
  const Variant variant{GetParam()};
  const std::string file = exported(variant, "any", portable());
  EXPECT_EQ(hindrances(file), std::vector<std::string>());
  const Session ours(file, {});
  const Session theirs(exported(variant, "ordinary", ordinary()), {});
  std::size_t found = 0;
  for (const Tensor& images : {squares(1, 200, 256), blank(1, 90, 170), squares(2, 130, 180)}) {
    const std::vector<Tensor> results = ours.run({images});
    found += found_in(results);
    expect_equal(results, theirs.run({images}));
  }
  EXPECT_GT(found, 20U);
  expect_only_numbers(variant, ours);
}

INSTANTIATE_TEST_SUITE_P(Families, Portable,
                         ::testing::Values("small_module", "assembled", "resnet18",
                                           "masks_assembled", "keypoints_assembled",
                                           "retinanet_assembled", "fcos_assembled", "ssd_assembled",
                                           "ssdlite_module"),
                         [](const auto& row) { return row.param; });

TEST(PortableParity, FindsWhatTorchvisionFound) {
  for (const Variant& variant : {Variant{"small_module", 300}, Variant{"masks_assembled", 40},
                                 Variant{"ssdlite_module", 100}}) {
    SCOPED_TRACE(variant.name);
    const std::string file = exported(variant, "parity", portable());
    const Reference reference = read_reference(live(variant.name + ".safetensors"));
    const VerifyReport report =
        verify(Detector(file), reference, {.tolerance = {}, .max_flips = 1, .control = {}});
    EXPECT_TRUE(report.equal()) << report.reason;
    EXPECT_GE(report.expected, variant.at_least);
  }
}

}  // namespace
}  // namespace tv2onnx
