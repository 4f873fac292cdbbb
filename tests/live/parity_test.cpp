// Exports detectors that the installed torchvision has just made, and compares with what it found.
// tests/gen/live_detectors.py makes them; CTest runs it first.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "support/onnx_checker.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/export.h"
#include "tv2onnx/verify.h"
#include "zoo/detection/options.h"

namespace tv2onnx {
namespace {

using ::testing::IsEmpty;

constexpr const char* kLarge = "fasterrcnn_mobilenet_v3_large_fpn";
constexpr const char* kSmall = "fasterrcnn_mobilenet_v3_large_320_fpn";

struct Variant {
  std::string name;
  std::string arch;      ///< that "auto" must find
  std::size_t at_least;  ///< detections that the reference must have, to be worth comparing
  std::vector<std::pair<std::string, std::string>> settings = {};  ///< not in a state dict
};
void PrintTo(const Variant& variant, std::ostream* out) {
  *out << variant.name;
}

std::string live(const std::string& file) {
  return TV2ONNX_LIVE_DIR "/" + file;
}

/// The release whose arithmetic the reference has: the installed one, unless the generator has put
/// the rule of later releases in its place.
TorchvisionVersion rule_of(const std::string& name, const Reference& reference) {
  if (name.ends_with("double")) return {};
  return parse_torchvision_version(reference.metadata.at("torchvision"));
}

const std::vector<Variant> kVariants{
    {"large", kLarge, 500},
    {"large_double", kLarge, 100},
    {"settings", kLarge, 20},
    {"small_module", kSmall, 500},
    {"frozen", kLarge, 100},
    {"assembled", kLarge, 100},
    {"no_proposals", kLarge, 0, {{"min_size", "320"}}},
};

class LiveParity : public ::testing::TestWithParam<Variant> {};

TEST_P(LiveParity, FindsWhatTorchvisionFinds) {
  const Variant& variant = GetParam();
  const Reference reference = read_reference(live(variant.name + ".safetensors"));
  const std::string onnx = live(variant.name + ".onnx");
  ExportOptions options;
  options.write.overwrite = true;
  options.build.torchvision = rule_of(variant.name, reference);
  for (const auto& [name, value] : variant.settings) {
    options.overrides.push_back({name, parse_json(value), "test"});
  }
  const ExportReport report =
      export_onnx(open_checkpoint(live(variant.name + ".pth")), onnx, options);
  EXPECT_EQ(report.arch, variant.arch);
  EXPECT_THAT(report.differences, IsEmpty());
  EXPECT_EQ(testing::check_with_onnx(onnx), "");

  const VerifyReport verified = verify(Detector(onnx), reference);
  EXPECT_TRUE(verified.equal()) << verified.reason;
  EXPECT_GE(verified.expected, variant.at_least);
  if (variant.at_least == 0) {
    EXPECT_EQ(verified.expected, 0U);
  }
  RecordProperty("detections", static_cast<int>(verified.expected));
  RecordProperty("flips", static_cast<int>(verified.flips));
  RecordProperty("worst_box", std::to_string(verified.worst_box));
  RecordProperty("worst_score", std::to_string(verified.worst_score));
}

INSTANTIATE_TEST_SUITE_P(Torchvision, LiveParity, ::testing::ValuesIn(kVariants),
                         [](const auto& tested) { return tested.param.name; });

TEST(LiveParityOracle, NoticesTheOtherResizeRule) {
  const Reference reference = read_reference(live("large.safetensors"));
  ExportOptions options;
  options.write.overwrite = true;
  const TorchvisionVersion installed = rule_of("large", reference);
  const TorchvisionVersion other = resize_rule(installed) == ResizeRule::kDouble
                                       ? TorchvisionVersion{0, 14}
                                       : TorchvisionVersion{};
  options.build.torchvision = other;
  export_onnx(open_checkpoint(live("large.pth")), live("other_rule.onnx"), options);
  EXPECT_FALSE(verify(Detector(live("other_rule.onnx")), reference).equal());
}

}  // namespace
}  // namespace tv2onnx
