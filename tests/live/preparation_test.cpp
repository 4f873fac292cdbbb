// Detectors whose images are prepared in another way than by torchvision's builders, against what
// torchvision finds with that preparation: tests/gen/live_preparation.py makes them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/errors.h"
#include "support/onnx_checker.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/export.h"
#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kImageNet = "[[0.485,0.456,0.406],[0.229,0.224,0.225]]";
constexpr const char* kRatios = "[[0.5,1,2],[0.5,1,2],[0.5,1,2],[0.5,1,2]]";

/// live_preparation.py, rcnn().
Settings rcnn(Settings others) {
  others.insert(others.end(), {{"min_size", "120"},
                               {"max_size", "180"},
                               {"box_roi_pool.featmap_names", R"(["0","1","2"])"},
                               {"rpn_anchor_generator.sizes", "[[32],[64],[96],[150]]"},
                               {"rpn_anchor_generator.aspect_ratios", kRatios},
                               {"rpn_post_nms_top_n_test", "60"},
                               {"box_detections_per_img", "20"}});
  return others;
}

Settings one_stage(const char* sizes, const char* ratios) {
  return {{"no_resize", "true"},
          {"anchor_generator.sizes", sizes},
          {"anchor_generator.aspect_ratios", ratios},
          {"detections_per_img", "40"},
          {"topk_candidates", "60"}};
}

struct Variant {
  std::string name;
  Settings settings;
};

const Variant kOwnSize{"own_size", rcnn({{"no_resize", "true"}})};
const Variant kOwnSizeGrey{
    "own_size_grey", rcnn({{"no_resize", "true"}, {"image_mean", "0.5"}, {"image_std", "0.25"}})};
const Variant kOwnSizeFour{"own_size_four", rcnn({{"no_resize", "true"},
                                                  {"image_mean", "0"},
                                                  {"image_std", "1"},
                                                  {"size_divisible", "20"}})};
const Variant kOwnSizeMasks{
    "own_size_masks",
    rcnn({{"no_resize", "true"}, {"mask_roi_pool.featmap_names", R"(["0","1","2"])"}})};
const Variant kOwnSizeKeypoints{
    "own_size_keypoints",
    rcnn({{"no_resize", "true"}, {"keypoint_roi_pool.featmap_names", R"(["0","1","2"])"}})};
const Variant kRetinaNet{"own_size_retinanet", one_stage("[[24],[48],[96],[150]]", kRatios)};
const Variant kFcos{"own_size_fcos", one_stage("[[8],[16],[32],[64]]", "[[1],[1],[1],[1]]")};
const Variant kTwice{"twice", rcnn({{"normalized_with", kImageNet}})};
const Variant kTwiceGrey{
    "twice_grey",
    rcnn({{"normalized_with", "[0.5,0.25]"}, {"image_mean", "0.1"}, {"image_std", "[0.9]"}})};
const Variant kTwiceOwnSize{"twice_own_size", rcnn({{"no_resize", "true"},
                                                    {"normalized_with", kImageNet},
                                                    {"image_mean", "0"},
                                                    {"image_std", "1"}})};
const Variant kTwiceSsdlite{"twice_ssdlite", {{"normalized_with", kImageNet}}};

std::string live(const std::string& file) {
  return TV2ONNX_LIVE_DIR "/" + file;
}

ExportOptions options_of(const Variant& variant, const Reference& reference, InputMode input) {
  ExportOptions options;
  options.write.overwrite = true;
  options.build.input = input;
  options.build.torchvision = parse_torchvision_version(reference.metadata.at("torchvision"));
  for (const auto& [name, value] : variant.settings) {
    options.overrides.push_back({name, parse_json(value), "test"});
  }
  return options;
}

/// What the file finds, against torchvision. Of each variant at most one detection may differ.
void expect_equal(const Variant& variant, const ExportOptions& options, Reference reference) {
  // Which of the many equal boxes of an image of one colour survive is arbitrary.
  std::erase_if(reference.cases, [](const ReferenceCase& one) { return one.name == "blank"; });
  const std::string onnx = live(variant.name + ".onnx");
  export_onnx(open_checkpoint(live(variant.name + ".pth")), onnx, options);
  EXPECT_EQ(testing::check_with_onnx(onnx), "");
  const Diagnosis diagnosis = diagnose(onnx);
  EXPECT_TRUE(diagnosis.healthy()) << diagnosis.verdict;
  const VerifyReport report = verify(Detector(onnx), reference);
  EXPECT_TRUE(report.equal()) << report.reason;
  EXPECT_GE(report.matched, 40U);
  EXPECT_THAT(report.notes, ::testing::Not(::testing::Contains(::testing::HasSubstr("no_resize"))));
}

using Preparation = std::tuple<Variant, InputMode, bool>;

std::string name_of(const Preparation& preparation) {
  const auto& [variant, input, bgr] = preparation;
  return variant.name + "_" + std::string(mode_name(kInputModes, input)) + (bgr ? "_bgr" : "");
}

class LivePreparation : public ::testing::TestWithParam<Preparation> {};

TEST_P(LivePreparation, FindsWhatTorchvisionFinds) {
  const auto& [variant, input, bgr] = GetParam();
  const Reference reference = read_reference(live(variant.name + ".safetensors"));
  ExportOptions options = options_of(variant, reference, input);
  options.build.bgr = bgr;
  expect_equal(variant, options, reference);
}

INSTANTIATE_TEST_SUITE_P(
    Torchvision, LivePreparation,
    ::testing::Values(Preparation{kOwnSize, InputMode::kFloat, false},
                      Preparation{kOwnSize, InputMode::kUint8, true},
                      Preparation{kOwnSize, InputMode::kNormalized, true},
                      Preparation{kOwnSizeGrey, InputMode::kFloat, false},
                      Preparation{kOwnSizeGrey, InputMode::kNormalized, false},
                      Preparation{kOwnSizeFour, InputMode::kAuto, false},
                      Preparation{kOwnSizeMasks, InputMode::kFloat, false},
                      Preparation{kOwnSizeKeypoints, InputMode::kFloat, false},
                      Preparation{kRetinaNet, InputMode::kFloat, false},
                      Preparation{kRetinaNet, InputMode::kNormalized, false},
                      Preparation{kFcos, InputMode::kUint8, false},
                      Preparation{kTwice, InputMode::kFloat, false},
                      Preparation{kTwice, InputMode::kUint8, true},
                      Preparation{kTwice, InputMode::kNormalized, false},
                      Preparation{kTwiceGrey, InputMode::kUint8, false},
                      Preparation{kTwiceGrey, InputMode::kNormalized, false},
                      Preparation{kTwiceOwnSize, InputMode::kFloat, false},
                      Preparation{kTwiceOwnSize, InputMode::kNormalized, false},
                      Preparation{kTwiceSsdlite, InputMode::kNormalized, false}),
    [](const auto& test) { return name_of(test.param); });

TEST(LivePreparationOracle, NoticesWhatIsForgotten) {
  for (const Variant& variant : {kOwnSize, kTwice, kFcos}) {
    const Reference reference = read_reference(live(variant.name + ".safetensors"));
    Variant plain{variant.name, {variant.settings.begin() + 1, variant.settings.end()}};
    const std::string onnx = live(variant.name + "_plain.onnx");
    export_onnx(open_checkpoint(live(variant.name + ".pth")), onnx,
                options_of(plain, reference, InputMode::kFloat));
    EXPECT_FALSE(verify(Detector(onnx), reference).equal()) << variant.name;
  }
}

TEST(LivePreparationLimits, RawFilesTakeImagesThatFit) {
  Reference reference = read_reference(live("own_size_retinanet.safetensors"));
  ExportOptions options = options_of(kRetinaNet, reference, InputMode::kFloat);
  options.build.outputs = OutputMode::kRaw;
  options.build.detection.size = {{96, 160}};
  // Padding counts: only the image of the file's size is the same for torchvision.
  std::erase_if(reference.cases, [](const ReferenceCase& one) { return one.name != "96x160"; });
  const std::string onnx = live("own_size_raw.onnx");
  export_onnx(open_checkpoint(live("own_size_retinanet.pth")), onnx, options);
  const Detector detector(onnx);
  const VerifyReport report = verify(detector, reference);
  EXPECT_TRUE(report.equal()) << report.reason;
  EXPECT_GE(report.matched, 5U);
  const Tensor large = make_tensor({1, 97, 160, 3}, std::vector<std::uint8_t>(97 * 160 * 3));
  EXPECT_EQ(testing::code_of([&] { detector.run(large); }), "R006");
}

TEST(LivePreparationLimits, WhatContradictsIsRefused) {
  const Checkpoint ssd = open_checkpoint(live("twice_ssdlite.pth"));
  const auto attempt = [&](const Setting& value, InputMode input, OutputMode outputs) {
    ExportOptions options;
    options.overrides.push_back({"no_resize", value, "test"});
    options.build.input = input;
    options.build.outputs = outputs;
    export_to_memory(ssd, options);
  };
  const auto code = [&](bool no_resize, InputMode input, OutputMode outputs) {
    return testing::code_of([&] { attempt({no_resize}, input, outputs); });
  };
  EXPECT_EQ(code(true, InputMode::kFloat, OutputMode::kBatched), "U002");
  EXPECT_EQ(code(false, InputMode::kNormalized, OutputMode::kRaw), "U002");
  EXPECT_EQ(testing::code_of(
                [&] { attempt({std::int64_t{1}}, InputMode::kFloat, OutputMode::kBatched); }),
            "U002");
}

}  // namespace
}  // namespace tv2onnx
