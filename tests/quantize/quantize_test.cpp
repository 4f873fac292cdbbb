#include "tv2onnx/quantize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "onnx/model.h"
#include "onnx/write.h"
#include "run/kept.h"
#include "support/errors.h"
#include "support/files.h"
#include "support/run_tool.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"
#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::message_of;
using testing::read_file;
using testing::run_tool;
using testing::TemporaryFolder;

const fs::path kExamples = TV2ONNX_SOURCE_DIR "/examples/shapes";

std::vector<fs::path> photos() {
  return testing::files_in(kExamples / "images");
}

/// The trained detector of the examples.
fs::path exported(const TemporaryFolder& folder, ExportOptions options = {}) {
  const fs::path path = folder / "shapes.onnx";
  options.class_names = {"nothing", "circle", "square", "triangle", "star", "ring", "cross"};
  export_onnx(open_checkpoint(kExamples / "fasterrcnn_shapes_half.pth"), path, options);
  return path;
}

TEST(Quantize, ATrainedDetectorKeepsWhatItIsSureOf) {
  const TemporaryFolder folder;
  const fs::path model = exported(folder);
  const QuantizeReport report = quantize(model, photos(), folder / "int8.onnx");
  EXPECT_EQ(report.convolutions, 7U);  // four of the pyramid, one of the proposals on three levels
  EXPECT_EQ(report.layers, 2U);
  EXPECT_GE(report.confident, 6U);
  EXPECT_EQ(report.kept, report.confident);
  EXPECT_LT(report.bytes_after, report.bytes_before * 55 / 100);
  EXPECT_EQ(report.bytes_after, fs::file_size(folder / "int8.onnx"));

  const Detector was(model);
  const Detector is(folder / "int8.onnx");
  EXPECT_EQ(is.contract().class_names, was.contract().class_names);
  EXPECT_EQ(is.contract().architecture, was.contract().architecture);
  // Last layers of heads, and everything behind them, are what they were.
  for (const OnnxNode& node : read_onnx_model(folder / "int8.onnx").graph.nodes) {
    if (node.op == "QuantizeLinear") {
      EXPECT_THAT(node.name, ::testing::HasSubstr("/")) << node.name;
    }
    EXPECT_FALSE(node.name.starts_with("rpn.head.cls_logits.weight/")) << node.name;
    EXPECT_FALSE(node.name.starts_with("roi_heads.box_predictor.cls_score/Gemm/")) << node.name;
  }

  const InputCase one{"photo", read_image(photos()[0])};
  const VerifyReport verified = verify(is, reference_from(was, {one}));
  EXPECT_EQ(verified.verdict, Verdict::kEqual) << verified.reason;
  EXPECT_THAT(verified.standard, HasSubstr("int8 numbers, judged by what is kept"));
  EXPECT_EQ(verify(was, reference_from(was, {one})).standard, "");

  quantize(model, photos(), folder / "again.onnx");
  EXPECT_EQ(read_file(folder / "again.onnx"), read_file(folder / "int8.onnx"));
}

TEST(Quantize, SevenBitsAreWeightsBelow64) {
  const TemporaryFolder folder;
  QuantizeOptions options;
  options.weight_bits = 7;
  options.recipe = Recipe::kHead;
  quantize(exported(folder), photos(), folder / "int8.onnx", options);
  std::size_t weights = 0;
  const OnnxModel model = read_onnx_model(folder / "int8.onnx");
  for (const OnnxTensor& tensor : model.graph.initializers) {
    const std::optional<Tensor> elements = tensor.tensor();
    if (!elements || elements->dtype != DType::kInt8) continue;
    ++weights;
    for (const std::int8_t value : elements->as<std::int8_t>()) ASSERT_LE(std::abs(value), 63);
  }
  EXPECT_EQ(weights, 2U);
}

TEST(Quantize, WhatCannotBeQuantisedIsRefusedAndNothingIsWritten) {
  const TemporaryFolder folder;
  const fs::path model = exported(folder);
  const fs::path output = folder / "out.onnx";
  const auto refusal = [&](const fs::path& file, const std::vector<fs::path>& images) {
    return message_of([&] { quantize(file, images, output); });
  };
  EXPECT_THAT(refusal(model, {photos()[0]}), HasSubstr("U002]: 1 photo to calibrate"));
  const Tensor grey = make_tensor({1, 64, 64, 3}, std::vector<std::uint8_t>(64 * 64 * 3, 90));
  const std::vector<std::byte> png = encode_image(grey, ImageFormat::kPng);
  testing::write_file(folder / "grey.png", {reinterpret_cast<const char*>(png.data()), png.size()});
  EXPECT_THAT(refusal(model, std::vector(4, folder / "grey.png")), HasSubstr("one colour only"));
  EXPECT_THAT(refusal(TV2ONNX_SOURCE_DIR "/tests/golden/runtime/torch_static.onnx", photos()),
              HasSubstr("R007]: neither names of nodes nor of weights"));
  EXPECT_THAT(refusal(TV2ONNX_SOURCE_DIR "/tests/golden/runtime/classifier.onnx", photos()),
              HasSubstr("no architecture in the metadata, and the task is classif"));
  std::string note;
  convert_weights(model, Precision::kHalfWeights, folder / "half.onnx", {}, note);
  EXPECT_THAT(refusal(folder / "half.onnx", photos()),
              HasSubstr("U003]: the file is quantised already: fp16-weights"));
  quantize(model, photos(), folder / "int8.onnx", {.recipe = Recipe::kHead});
  EXPECT_THAT(refusal(folder / "int8.onnx", photos()), HasSubstr("quantised already: int8"));
  OnnxModel silent = read_onnx_model(folder / "int8.onnx");
  silent.metadata.clear();
  write_onnx(silent, folder / "silent.onnx", {});
  EXPECT_THAT(refusal(folder / "silent.onnx", photos()),
              HasSubstr("quantised already: 8-bit layers"));
  EXPECT_FALSE(fs::exists(output));
  EXPECT_THAT(message_of([&] { quantize(model, photos(), model); }), HasSubstr("U003"));
  EXPECT_THAT(message_of([&] { quantize(model, photos(), folder / "half.onnx"); }),
              HasSubstr("O004"));
}

TEST(Quantize, OlderOpsetsHaveNoScalesForEachChannel) {
  const TemporaryFolder folder;
  const fs::path model = exported(folder, {.opset = 12});
  EXPECT_THAT(message_of([&] { quantize(model, photos(), folder / "out.onnx"); }),
              HasSubstr("U002]: opset 12"));
  const QuantizeReport report =
      quantize(model, photos(), folder / "out.onnx", {.recipe = Recipe::kHead});
  EXPECT_EQ(report.layers, 2U);
  EXPECT_EQ(report.kept, report.confident);
}

TEST(Quantize, PortableFilesStayPortable) {
  const TemporaryFolder folder;
  ExportOptions options;
  options.build.detection.portable = true;
  const fs::path model = exported(folder, options);
  const QuantizeReport report = quantize(model, photos(), folder / "int8.onnx");
  EXPECT_EQ(report.convolutions, 7U);
  EXPECT_EQ(report.layers, 2U);
  EXPECT_EQ(report.kept, report.confident);
  for (const Finding& one : diagnose(folder / "int8.onnx", {.target = "portable"}).findings) {
    EXPECT_EQ(one.damage, Damage::kInformation) << one.what;
  }
}

TEST(Quantize, FilesOfOneSizeNeedPhotosOfThatSize) {
  const TemporaryFolder folder;
  ExportOptions options;
  options.build.detection = {.portable = true, .size = {{480, 640}}, .batch = 1};
  const fs::path model = exported(folder, options);
  const std::string message = message_of([&] { quantize(model, photos(), folder / "int8.onnx"); });
  EXPECT_THAT(message, HasSubstr("R006]: an image of height 320 and width 416"));
  EXPECT_THAT(message, HasSubstr("000.jpg"));
  EXPECT_FALSE(fs::exists(folder / "int8.onnx"));
  const fs::path images = kExamples / "images";
  const QuantizeReport report = quantize(
      model, {images / "002.jpg", images / "028.jpg", images / "039.jpg", images / "043.jpg"},
      folder / "int8.onnx");
  EXPECT_EQ(report.convolutions, 7U);
  EXPECT_EQ(report.kept, report.confident);
  for (const Finding& one : diagnose(folder / "int8.onnx", {.target = "portable"}).findings) {
    EXPECT_NE(one.code, ErrorCode("D13")) << one.what << ": " << one.evidence.front();
  }
}

TEST(Quantize, LittleKeptOrNoSpeedIsAFault) {
  QuantizeReport report;
  report.confident = 100;
  report.kept = 97;
  report.speed = 1.2;
  EXPECT_EQ(report.fault(), "");
  report.speed = 0.9;
  EXPECT_THAT(report.fault(), HasSubstr("not faster: 0.90"));
  report.added = 4;
  EXPECT_THAT(report.fault(), HasSubstr("4 confident detections are new, for 100"));
  report.kept = 96;
  EXPECT_THAT(report.fault(), HasSubstr("96.0 % of the confident detections"));
}

TEST(QuantizeCommand, StoresWeightsOfAnyFile) {
  const TemporaryFolder folder;
  const fs::path model = exported(folder);
  const auto out = folder / "half.onnx";
  const auto done = run_tool("quantize '" + model.string() + "' --precision fp16-weights -o '" +
                             out.string() + "'");
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_LT(fs::file_size(out), fs::file_size(model) * 51 / 100);
  const auto both = run_tool("quantize '" + model.string() + "' '" + model.string() +
                             "' --precision int8-weights -f -o '" + out.string() + "'");
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_THAT(both.err, HasSubstr("nothing is calibrated"));
}

TEST(CountKept, WantsLabelAndPlaceAndEachPartnerOnce) {
  const Detection one{.box = {0, 0, 100, 100}, .label = 1, .score = 0.9F};
  Detection moved = one;
  moved.box = {0, 0, 100, 95};
  Detection far = one;
  far.box = {0, 0, 100, 80};
  Detection other = one;
  other.label = 2;
  Detection unsure = one;
  unsure.score = 0.4F;
  const auto kept_of = [](const Detections& expected, const Detections& found) {
    Kept kept;
    count_kept(expected, found, kept);
    return std::pair(kept.again, kept.confident);
  };
  EXPECT_EQ(kept_of({one}, {moved}), std::pair(std::size_t{1}, std::size_t{1}));
  EXPECT_EQ(kept_of({one}, {far, other}), std::pair(std::size_t{0}, std::size_t{1}));
  EXPECT_EQ(kept_of({one, one}, {moved}), std::pair(std::size_t{1}, std::size_t{2}));
  EXPECT_EQ(kept_of({unsure}, {}), std::pair(std::size_t{0}, std::size_t{0}));

  const auto added_of = [](const Detections& expected, const Detections& found) {
    Kept kept;
    count_kept(expected, found, kept);
    return kept.added;
  };
  EXPECT_EQ(added_of({one}, {moved}), 0U);
  EXPECT_EQ(added_of({one}, {moved, one}), 1U);  // twice
  EXPECT_EQ(added_of({one}, {far, other}), 2U);
  EXPECT_EQ(added_of({unsure}, {one}), 0U);  // the original has it, less surely
  EXPECT_EQ(added_of({}, {one, unsure}), 1U);
}

TEST(CountKept, WantsMasksAndKeypointsAlikeToo) {
  const auto kept_of = [](const Detection& expected, const Detection& found) {
    Kept kept;
    count_kept({expected}, {found}, kept);
    return kept.again;
  };
  Detection one{.box = {0, 0, 100, 100}, .label = 1, .score = 0.9F};
  std::vector<float> inside(28 * 28, 0.9F);
  one.mask = InstanceMask{make_tensor({28, 28}, std::vector<float>(inside))};
  Detection other = one;
  std::fill_n(inside.begin(), 28, 0.1F);
  other.mask->probabilities = make_tensor({28, 28}, std::vector<float>(inside));
  EXPECT_EQ(kept_of(one, other), 1U);  // a row less of 28
  std::fill_n(inside.begin(), 28 * 3, 0.1F);
  other.mask->probabilities = make_tensor({28, 28}, std::move(inside));
  EXPECT_EQ(kept_of(one, other), 0U);

  one.mask.reset();
  one.keypoints = {{.x = 10, .y = 10}, {.x = 50, .y = 60}};
  other = one;
  other.keypoints[1].x = 54;
  EXPECT_EQ(kept_of(one, other), 1U);
  other.keypoints[1].x = 70;
  EXPECT_EQ(kept_of(one, other), 0U);
}

TEST(CountKept, OfResultsGoesImageByImage) {
  const CocoObject one{.image = 1, .category = 1, .box = {0, 0, 10, 10}, .score = 0.9};
  CocoObject elsewhere = one;
  elsewhere.image = 2;
  const Kept kept = kept_of_results({one, elsewhere}, {one, one}, CocoKind::kBoxes);
  EXPECT_EQ(kept.confident, 2U);
  EXPECT_EQ(kept.again, 1U);
  EXPECT_EQ(kept.added, 1U);
}

}  // namespace
}  // namespace tv2onnx
