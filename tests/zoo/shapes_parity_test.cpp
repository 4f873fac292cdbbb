// The bundled trained detector against what torchvision recorded for it
// (scripts/make_demo_data.py): every way of exporting it must find the same.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <ostream>
#include <string>
#include <vector>

#include "support/files.h"
#include "support/onnx_checker.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/export.h"
#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

using testing::check_with_onnx;
using ::testing::ElementsAre;
using testing::TemporaryFolder;

const Checkpoint& shapes() {
  static const Checkpoint checkpoint =
      open_checkpoint(TV2ONNX_SOURCE_DIR "/examples/shapes/fasterrcnn_shapes_half.pth");
  return checkpoint;
}

const Reference& reference() {
  static const Reference recorded =
      read_reference(TV2ONNX_SOURCE_DIR "/tests/golden/shapes/reference.safetensors");
  return recorded;
}

/// The release that recorded the reference.
ExportOptions recorded_options() {
  ExportOptions options;
  options.build.torchvision = parse_torchvision_version(reference().metadata.at("torchvision"));
  options.write.overwrite = true;
  return options;
}

void set(ExportOptions& options, const std::string& name, const std::string& value) {
  options.overrides.push_back({name, parse_json(value), "test"});
}

Detector exported(const TemporaryFolder& folder, const Checkpoint& checkpoint,
                  const ExportOptions& options) {
  export_onnx(checkpoint, folder / "shapes.onnx", options);
  return Detector(folder / "shapes.onnx");
}

VerifyReport verified(const ExportOptions& options) {
  const TemporaryFolder folder;
  const Detector detector = exported(folder, shapes(), options);
  EXPECT_EQ(check_with_onnx(folder / "shapes.onnx"), "");
  return verify(detector, reference());
}

std::size_t index_of_largest_batch() {
  std::size_t best = 0;
  for (std::size_t k = 0; k < reference().cases.size(); ++k) {
    if (reference().cases[k].images.size() > reference().cases[best].images.size()) best = k;
  }
  return best;
}

/// Image k of a batch, as a batch of one.
Tensor image_of(const Tensor& batch, std::int64_t k) {
  Tensor image = batch;
  image.shape[0] = 1;
  image.data += static_cast<std::size_t>(k) * image.byte_size();
  return image;
}

TEST(ShapesParity, TheReferenceIsWorthComparingWith) {
  std::size_t detections = 0;
  std::size_t empty = 0;
  for (const ReferenceCase& recorded : reference().cases) {
    for (const NamedTensors& image : recorded.images) {
      const std::size_t count = detections_of(image).detections.size();
      detections += count;
      empty += count == 0 ? 1 : 0;
    }
  }
  EXPECT_GE(detections, 30U);
  EXPECT_GE(empty, 2U);
  EXPECT_GE(reference().cases[index_of_largest_batch()].images.size(), 3U);
}

class Modes : public ::testing::TestWithParam<std::tuple<InputMode, OutputMode, bool>> {};

TEST_P(Modes, FindWhatTorchvisionFinds) {
  ExportOptions options = recorded_options();
  std::tie(options.build.input, options.build.outputs, options.build.bgr) = GetParam();
  const VerifyReport report = verified(options);
  // With --input auto a 0..255 image is no wrong input any more: the one difference allowed.
  if (options.build.input == InputMode::kAuto) {
    for (const ImageResult& image : report.images) {
      EXPECT_TRUE(image.equal() || image.case_name.find("255") != std::string::npos);
    }
    return;
  }
  EXPECT_TRUE(report.equal()) << report.reason;
  EXPECT_EQ(report.flips, 0U);
}

std::string mode_name(const ::testing::TestParamInfo<Modes::ParamType>& tested) {
  constexpr std::array kInputs{"Float", "Uint8", "Auto"};
  constexpr std::array kOutputs{"Batched", "Fixed", "Flat"};
  const auto [input, outputs, bgr] = tested.param;
  return std::string(kInputs.at(static_cast<std::size_t>(input))) +
         kOutputs.at(static_cast<std::size_t>(outputs)) + (bgr ? "Bgr" : "Rgb");
}

INSTANTIATE_TEST_SUITE_P(
    All, Modes,
    ::testing::Combine(::testing::Values(InputMode::kFloat, InputMode::kUint8, InputMode::kAuto),
                       ::testing::Values(OutputMode::kBatched, OutputMode::kFixed,
                                         OutputMode::kFlat),
                       ::testing::Bool()),
    mode_name);

class Opsets : public ::testing::TestWithParam<int> {};

TEST_P(Opsets, FindWhatTorchvisionFinds) {
  ExportOptions options = recorded_options();
  options.opset = GetParam();
  const VerifyReport report = verified(options);
  EXPECT_TRUE(report.equal()) << report.reason;
  EXPECT_LT(report.worst.box, 0.005);
}

INSTANTIATE_TEST_SUITE_P(All, Opsets, ::testing::Range(kMinOpset, kMaxOpset + 1));

TEST(ShapesParity, ABatchGivesEachImageExactlyWhatItGivesAlone) {
  const TemporaryFolder folder;
  const Detector detector = exported(folder, shapes(), recorded_options());
  const Tensor batch = reference().cases[index_of_largest_batch()].input;
  const std::vector<Detections> together = detector.run(batch);
  ASSERT_EQ(together.size(), static_cast<std::size_t>(batch.shape[0]));
  for (std::size_t k = 0; k < together.size(); ++k) {
    const Detections alone = detector.run(image_of(batch, static_cast<std::int64_t>(k)))[0];
    ASSERT_EQ(alone.size(), together[k].size());
    for (std::size_t row = 0; row < alone.size(); ++row) {
      EXPECT_EQ(alone[row].box, together[k][row].box);
      EXPECT_EQ(alone[row].score, together[k][row].score);
      EXPECT_EQ(alone[row].label, together[k][row].label);
    }
  }
}

TEST(ShapesParity, NothingIsFoundWithoutProposals) {
  Checkpoint silent = shapes();
  for (NamedTensor& weight : silent.tensors) {
    if (weight.name != "rpn.head.cls_logits.bias") continue;
    weight.tensor = make_tensor(weight.tensor.shape, std::vector<float>(15, -2000.0F));
  }
  for (const OutputMode mode : {OutputMode::kBatched, OutputMode::kFixed, OutputMode::kFlat}) {
    const TemporaryFolder folder;
    ExportOptions options = recorded_options();
    options.build.outputs = mode;
    const Detector detector = exported(folder, silent, options);
    for (const Detections& found :
         detector.run(reference().cases[index_of_largest_batch()].input)) {
      EXPECT_TRUE(found.empty());
    }
  }
}

TEST(ShapesParity, ImagesOfOnePixelAreImages) {
  const TemporaryFolder folder;
  const Detector detector = exported(folder, shapes(), recorded_options());
  for (const Shape& shape : {Shape{1, 1, 1, 3}, Shape{1, 1, 40, 3}, Shape{2, 40, 1, 3}}) {
    const auto bytes = static_cast<std::size_t>(element_count(shape));
    EXPECT_EQ(detector.run(make_tensor(shape, std::vector<std::uint8_t>(bytes, 90))).size(),
              static_cast<std::size_t>(shape[0]));
  }
}

TEST(ShapesParity, RowsAreThoseOfTheImageWithMostDetections) {
  const TemporaryFolder folder;
  export_onnx(shapes(), folder / "shapes.onnx", recorded_options());
  const Session session(folder / "shapes.onnx", {});
  std::vector<std::string> names;
  for (const PortInfo& port : session.outputs()) names.push_back(port.name);
  EXPECT_THAT(names, ElementsAre("boxes", "labels", "scores", "num_detections"));
  EXPECT_THAT(session.outputs()[0].symbols, ElementsAre("batch", "detections", ""));
  EXPECT_THAT(session.inputs()[0].symbols, ElementsAre("batch", "", "height", "width"));
}

TEST(ShapesParity, TheGraphHasNoControlFlow) {
  const TemporaryFolder folder;
  export_onnx(shapes(), folder / "shapes.onnx", recorded_options());
  const OnnxSummary summary = read_onnx_summary(folder / "shapes.onnx");
  for (const char* banned : {"Loop", "If", "Scan", "SequenceConstruct", "SequenceAt"}) {
    EXPECT_FALSE(summary.operators.contains(banned)) << banned;
  }
  EXPECT_EQ(summary.opsets.size(), 1U);
}

TEST(ShapesParity, TheSameInputGivesTheSameBytes) {
  const TemporaryFolder folder;
  export_onnx(shapes(), folder / "a.onnx", recorded_options());
  export_onnx(shapes(), folder / "b.onnx", recorded_options());
  EXPECT_EQ(testing::read_file(folder / "a.onnx"), testing::read_file(folder / "b.onnx"));
}

/// Deliberately wrong exports: an oracle that accepts one of them proves nothing.
struct Mutation {
  std::string setting;
  std::string value;
};
void PrintTo(const Mutation& mutation, std::ostream* out) {
  *out << mutation.setting << " = " << mutation.value;
}
class Mutations : public ::testing::TestWithParam<Mutation> {};

TEST_P(Mutations, AreNoticed) {
  ExportOptions options = recorded_options();
  set(options, GetParam().setting, GetParam().value);
  options.assume_torchvision = true;  // else other anchors than the module's are refused
  EXPECT_FALSE(verified(options).equal());
}

INSTANTIATE_TEST_SUITE_P(
    All, Mutations,
    ::testing::Values(Mutation{"min_size", "321"}, Mutation{"image_mean", "[0.48,0.456,0.406]"},
                      Mutation{"image_std", "[0.229,0.224,0.23]"}, Mutation{"size_divisible", "16"},
                      Mutation{"rpn_nms_thresh", "0.5"}, Mutation{"rpn_pre_nms_top_n_test", "5"},
                      Mutation{"rpn_post_nms_top_n_test", "3"}, Mutation{"rpn_score_thresh", "0.9"},
                      Mutation{"box_score_thresh", "0.3"}, Mutation{"box_nms_thresh", "0.05"},
                      Mutation{"box_detections_per_img", "2"},
                      Mutation{"bbox_reg_weights", "[10,10,5,5.1]"},
                      Mutation{"box_roi_pool.sampling_ratio", "1"},
                      Mutation{"rpn_anchor_generator.aspect_ratios",
                               "[[0.5,1,2.1],[0.5,1,2.1],[0.5,1,2.1]]"}),
    [](const auto& tested) {
      std::string name = tested.param.setting;
      std::ranges::replace(name, '.', '_');
      return name;
    });

}  // namespace
}  // namespace tv2onnx
