#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/output_names.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Form = DetectionOutputs::Form;

Contract contract_of(const std::string& name) {
  const Session session(TV2ONNX_SOURCE_DIR "/tests/golden/" + name + ".onnx", {});
  return read_contract(session);
}

std::string refusal_of(const std::string& name) {
  try {
    const Detector detector(TV2ONNX_SOURCE_DIR "/tests/golden/" + name + ".onnx");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Contract, OurFilesSayItThemselves) {
  const Contract contract = contract_of("runtime/batched");
  EXPECT_EQ(contract.task, Task::kDetection);
  EXPECT_EQ(contract.input.layout, Layout::kPlanes);
  EXPECT_EQ(contract.input.range, PixelRange::kUnit);
  EXPECT_EQ(contract.input.order, ChannelOrder::kRgb);
  EXPECT_EQ(contract.input.batch(), -1);
  EXPECT_EQ(contract.input.channels(), 3);
  EXPECT_EQ(contract.only_size(), std::nullopt);
  EXPECT_EQ(contract.outputs.form, Form::kBatched);
  EXPECT_EQ(contract.outputs.num_detections, 3U);
  EXPECT_EQ(contract.outputs.batch_index, std::nullopt);
  EXPECT_THAT(contract.class_names, ElementsAre("__background__", "cat", "dog", "bird"));
  EXPECT_EQ(contract.architecture, "fake_detector");
  EXPECT_EQ(contract.origin, "metadata of tv2onnx 0.1.0");
}

TEST(Contract, OurOtherInputAndOutputModes) {
  const Contract bytes = contract_of("runtime/uint8_bgr");
  EXPECT_TRUE(bytes.input.bytes());
  EXPECT_EQ(bytes.input.layout, Layout::kPixels);
  EXPECT_EQ(bytes.input.range, PixelRange::kByte);
  EXPECT_EQ(bytes.input.order, ChannelOrder::kBgr);
  EXPECT_EQ(bytes.input.channels(), 3);
  EXPECT_EQ(contract_of("runtime/auto").input.range, PixelRange::kUnitOrByte);
  EXPECT_EQ(contract_of("runtime/fixed").outputs.num_detections, 3U);
  const Contract flat = contract_of("runtime/flat");
  EXPECT_EQ(flat.outputs.form, Form::kFlat);
  EXPECT_EQ(flat.outputs.batch_index, 3U);
}

TEST(Contract, TypesTellLabelsFromScoresInEitherOrder) {
  const Contract r_cnn = contract_of("runtime/torch_labels_scores");
  EXPECT_EQ(r_cnn.outputs.form, Form::kFlat);
  EXPECT_EQ(r_cnn.outputs.boxes, 0U);
  EXPECT_EQ(r_cnn.outputs.labels, 1U);
  EXPECT_EQ(r_cnn.outputs.scores, 2U);
  EXPECT_EQ(r_cnn.input.batch(), 1);
  EXPECT_EQ(r_cnn.input.range, PixelRange::kUnknown);
  EXPECT_THAT(r_cnn.class_names, IsEmpty());
  EXPECT_EQ(r_cnn.origin, "types and shapes of inputs and outputs");
  const Contract one_stage = contract_of("runtime/torch_scores_labels");
  EXPECT_EQ(one_stage.outputs.labels, 2U);
  EXPECT_EQ(one_stage.outputs.scores, 1U);
}

TEST(Contract, NamesOfOutputsOfAnotherTypeDoNotMatter) {
  const Contract contract = contract_of("run/misnamed");
  EXPECT_EQ(contract.outputs.boxes, 2U);
  EXPECT_EQ(contract.outputs.labels, 1U);
  EXPECT_EQ(contract.outputs.scores, 0U);
}

TEST(Contract, OurFilesSayWhatTheirMasksAre) {
  const Contract roi = contract_of("runtime/masks_roi");
  EXPECT_EQ(roi.outputs.masks, 3U);
  EXPECT_EQ(roi.outputs.masks_pasted, false);
  EXPECT_EQ(roi.outputs.keypoints, std::nullopt);
  const Contract full = contract_of("runtime/masks_full");
  EXPECT_EQ(full.outputs.masks, 3U);
  EXPECT_EQ(full.outputs.masks_pasted, true);
  const Contract keypoints = contract_of("runtime/keypoints");
  EXPECT_EQ(keypoints.outputs.masks, std::nullopt);
  EXPECT_EQ(keypoints.outputs.keypoints, 3U);
  EXPECT_EQ(keypoints.outputs.keypoints_scores, 4U);
  EXPECT_EQ(contract_of("runtime/batched").outputs.masks, std::nullopt);
}

TEST(Contract, MasksAndKeypointsAreToldByTheirShapes) {
  for (const char* name : {"runtime/torch_masks", "run/stripped_masks_roi"}) {
    const Contract contract = contract_of(name);
    EXPECT_EQ(contract.outputs.boxes, 0U) << name;
    EXPECT_EQ(contract.outputs.labels, 1U);
    EXPECT_EQ(contract.outputs.scores, 2U);
    EXPECT_EQ(contract.outputs.masks, 3U);
    EXPECT_EQ(contract.outputs.masks_pasted, std::nullopt);
    EXPECT_EQ(contract.outputs.keypoints, std::nullopt);
  }
  // With four keypoints their scores have the shape of the boxes.
  for (const char* name : {"runtime/torch_keypoints", "run/stripped_keypoints"}) {
    const Contract contract = contract_of(name);
    EXPECT_EQ(contract.outputs.boxes, 0U) << name;
    EXPECT_EQ(contract.outputs.labels, 1U);
    EXPECT_EQ(contract.outputs.scores, 2U);
    EXPECT_EQ(contract.outputs.masks, std::nullopt);
    EXPECT_EQ(contract.outputs.keypoints, 3U);
    EXPECT_EQ(contract.outputs.keypoints_scores, 4U);
  }
}

TEST(Contract, OurFileThatLostItsMetadata) {
  const Contract batched = contract_of("run/stripped_batched");
  EXPECT_EQ(batched.outputs.form, Form::kBatched);
  EXPECT_EQ(batched.outputs.boxes, 0U);
  EXPECT_EQ(batched.outputs.num_detections, 3U);
  const Contract flat = contract_of("run/stripped_flat");
  EXPECT_EQ(flat.outputs.form, Form::kFlat);
  EXPECT_EQ(flat.outputs.labels, 1U);
  EXPECT_EQ(flat.outputs.batch_index, 3U);
}

TEST(Contract, StaticSizesAreReported) {
  const Contract contract = contract_of("runtime/torch_static");
  EXPECT_EQ(contract.only_size(), (ImageSize{30, 40}));
  EXPECT_EQ(contract.input.batch(), 1);
}

TEST(Contract, AClassifierIsNoDetector) {
  EXPECT_THAT(refusal_of("runtime/classifier"),
              AllOf(HasSubstr("error[R007]: the file is a classifier"),
                    HasSubstr("input     input float32 [batch,3,height,width]"),
                    HasSubstr("output    logits float32 [batch,5]"), HasSubstr("expected")));
}

TEST(Contract, AnUnrolledBatchIsAmbiguous) {
  EXPECT_THAT(refusal_of("run/unrolled"),
              AllOf(HasSubstr("error[R007]: 2 outputs can be the boxes"),
                    HasSubstr("trace it with one image")));
}

TEST(Contract, MetadataThatTheFileContradictsIsNotBelieved) {
  EXPECT_THAT(refusal_of("run/renamed_output"),
              HasSubstr("error[R007]: the metadata promises output 'num_detections'"));
  EXPECT_THAT(refusal_of("run/wrong_input"),
              HasSubstr("error[R007]: the metadata promises input 'uint8'"));
}

PortInfo port(std::string name, DType dtype, Shape shape) {
  std::vector<std::string> symbols(shape.size());
  return {std::move(name), dtype, std::move(shape), std::move(symbols)};
}

Contract contract_with(const std::vector<PortInfo>& outputs) {
  const std::vector<PortInfo> inputs{port("x", DType::kFloat32, {1, 3, -1, -1})};
  return read_contract({{}, inputs, outputs});
}

TEST(Contract, OutputsWithANameOfTheirOwnKeepIt) {
  // The areas could be the scores, the second ids the labels, and the rows the boxes.
  const std::vector<PortInfo> outputs{
      port("areas", DType::kFloat32, {-1}), port("rows", DType::kFloat32, {-1, 4}),
      port("boxes", DType::kFloat32, {-1, 4}), port("scores", DType::kFloat32, {-1}),
      port("labels", DType::kInt64, {-1})};
  const Contract contract = contract_with(outputs);
  ASSERT_TRUE(contract.known()) << contract.doubt;
  EXPECT_EQ(contract.outputs.boxes, 2U);
  EXPECT_EQ(contract.outputs.scores, 3U);
  EXPECT_EQ(contract.outputs.labels, 4U);
}

TEST(Contract, NamesOfTheFirstImageAloneDoNotMakeTheOthersVanish) {
  std::vector<PortInfo> outputs{port("boxes", DType::kFloat32, {-1, 4}),
                                port("labels", DType::kInt64, {-1}),
                                port("scores", DType::kFloat32, {-1})};
  for (std::size_t k = 0; k < 3; ++k) {
    outputs.push_back(outputs[k]);
    outputs.back().name += "_2";
  }
  const Contract contract = contract_with(outputs);
  EXPECT_EQ(contract.outputs.form, Form::kUnknown);
  EXPECT_THAT(contract.doubt, HasSubstr("2 outputs can be the boxes"));
  const std::vector<DetectionOutputs> each = outputs_of_each_image(outputs, 2);
  ASSERT_EQ(each.size(), 2U);
  EXPECT_EQ(each[1].boxes, 3U);
  EXPECT_EQ(each[1].labels, 4U);
  EXPECT_EQ(each[1].scores, 5U);
  EXPECT_THAT(outputs_of_each_image(outputs, 3), IsEmpty());
}

/// boxes, labels and scores under their names, and what somebody gives besides.
Contract contract_with_others(const std::vector<PortInfo>& others) {
  std::vector<PortInfo> outputs{port("boxes", DType::kFloat32, {-1, 4}),
                                port("labels", DType::kInt64, {-1}),
                                port("scores", DType::kFloat32, {-1})};
  outputs.insert(outputs.end(), others.begin(), others.end());
  return contract_with(outputs);
}

TEST(Contract, OutputsOfOthersAreIgnored) {
  const std::vector<std::vector<PortInfo>> others{
      {port("embeddings", DType::kFloat32, {-1, 256})},
      {port("features", DType::kFloat32, {-1, -1, -1, -1})},
      {port("depth", DType::kFloat32, {1, 1, -1, -1})},
      {port("keypoints_scores", DType::kFloat32, {-1, 17})},
      {port("raw_boxes", DType::kFloat32, {-1, 4}), port("raw_labels", DType::kInt64, {-1}),
       port("raw_scores", DType::kFloat32, {-1})},
      {port("image_id", DType::kInt64, {1}), port("time", DType::kFloat32, {1})}};
  for (const std::vector<PortInfo>& beside : others) {
    const Contract contract = contract_with_others(beside);
    ASSERT_TRUE(contract.known()) << beside[0].name << ": " << contract.doubt;
    EXPECT_EQ(contract.outputs.boxes, 0U);
    EXPECT_EQ(contract.outputs.labels, 1U);
    EXPECT_EQ(contract.outputs.scores, 2U);
    EXPECT_EQ(contract.outputs.masks, std::nullopt) << beside[0].name;
    EXPECT_EQ(contract.outputs.keypoints, std::nullopt) << beside[0].name;
    EXPECT_EQ(contract.outputs.keypoints_scores, std::nullopt) << beside[0].name;
  }
}

TEST(Contract, MasksAndKeypointsMayHaveNamesOfTheirOwn) {
  const Contract masks =
      contract_with_others({port("silhouettes", DType::kFloat32, {-1, 1, 28, 28})});
  ASSERT_TRUE(masks.known()) << masks.doubt;
  EXPECT_EQ(masks.outputs.masks, 3U);
  const Contract points = contract_with_others({port("joints", DType::kFloat32, {-1, 17, 3}),
                                                port("joint_scores", DType::kFloat32, {-1, 17})});
  ASSERT_TRUE(points.known()) << points.doubt;
  EXPECT_EQ(points.outputs.keypoints, 3U);
  EXPECT_EQ(points.outputs.keypoints_scores, 4U);
}

TEST(Contract, NamesThatExportersMakeUp) {
  for (const char* name :
       {"2206", "/roi_heads/Gather_21_output_0", "output", "output_3", "onnx::A", "output_"}) {
    EXPECT_TRUE(is_generated_name(name)) << name;
  }
  for (const char* name : {"boxes", "b", "my_output", "output_boxes", "x1"}) {
    EXPECT_FALSE(is_generated_name(name)) << name;
  }
}

TEST(Contract, ImagesThatComeNormalised) {
  const std::vector<PortInfo> inputs{port("x", DType::kFloat32, {-1, 3, -1, -1})};
  std::map<std::string, std::string> metadata{{"tv2onnx.input", "normalized"},
                                              {"tv2onnx.channel_order", "rgb"},
                                              {"tv2onnx.image_mean", "[0.5]"},
                                              {"tv2onnx.image_std", "[0.1,0.2,0.25]"}};
  const ImageInput input = read_contract({metadata, inputs, {}}).input;
  EXPECT_EQ(input.range, PixelRange::kNormalised);
  EXPECT_FALSE(input.normalises);
  EXPECT_EQ(input.mean, std::vector{0.5});
  EXPECT_EQ(input.deviation, (std::vector{0.1, 0.2, 0.25}));
  EXPECT_EQ(text_of(input),
            "float [?, 3, ?, ?], RGB 0..1 that was normalised, mean 0.5, std 0.1 0.2 0.25");
  for (const char* edited : {"damaged", "[0.1,0.2]", "[0]"}) {
    metadata["tv2onnx.image_std"] = edited;
    EXPECT_THAT(read_contract({metadata, inputs, {}}).doubt,
                HasSubstr("images that were normalised, and not by what"))
        << edited;
  }
}

TEST(Contract, WhatIsNotKnownIsAValue) {
  const std::vector<PortInfo> inputs{port("x", DType::kFloat32, {-1, 10})};
  const Contract contract = read_contract({{}, inputs, {}});
  EXPECT_FALSE(contract.known());
  EXPECT_EQ(contract.input.layout, Layout::kUnknown);
  EXPECT_EQ(contract.outputs.form, Form::kUnknown);
  EXPECT_EQ(contract.doubt, "input 'x' is not an RGB image");
}

TEST(Contract, TheGraphDecidesAboutPixelsWhereMetadataDoNot) {
  const std::vector<PortInfo> inputs{port("x", DType::kFloat32, {1, 3, -1, -1})};
  const std::vector<PortInfo> outputs{port("boxes", DType::kFloat32, {-1, 4}),
                                      port("labels", DType::kInt64, {-1}),
                                      port("scores", DType::kFloat32, {-1})};
  const ImageInput graph{.port = inputs[0], .layout = Layout::kPlanes, .range = PixelRange::kByte};
  EXPECT_EQ(read_contract({{}, inputs, outputs}, &graph).input.range, PixelRange::kByte);
  const std::map<std::string, std::string> stated{{"tv2onnx.input", "auto"}};
  EXPECT_EQ(read_contract({stated, inputs, outputs}, &graph).input.range, PixelRange::kUnitOrByte);
}

TEST(Metadata, AreReadAsTheyWereWritten) {
  FileMetadata file{.version = "1.2",
                    .architecture = "fcos_resnet50_fpn",
                    .config = {SettingDict{{"min_size", {std::int64_t{800}}}}},
                    .input = InputMode::kAuto,
                    .order = ChannelOrder::kBgr,
                    .outputs = OutputMode::kFixed,
                    .masks = MaskOutput::kFull,
                    .torchvision = "0.14",
                    .checkpoint = "00ff",
                    .class_names = {"cat", "dog"},
                    .mean = {0.5},
                    .deviation = {0.1, 0.2, 0.25}};
  std::map<std::string, std::string> metadata;
  write_metadata(file, metadata);
  EXPECT_EQ(metadata.at("tv2onnx.outputs"), "fixed");
  const FileMetadata read = read_metadata(metadata);
  EXPECT_EQ(read.version, file.version);
  EXPECT_EQ(read.architecture, file.architecture);
  EXPECT_EQ(read.config, file.config);
  EXPECT_EQ(read.input, file.input);
  EXPECT_EQ(read.order, file.order);
  EXPECT_EQ(read.outputs, file.outputs);
  EXPECT_EQ(read.masks, file.masks);
  EXPECT_EQ(read.torchvision, file.torchvision);
  EXPECT_EQ(read.checkpoint, file.checkpoint);
  EXPECT_EQ(read.class_names, file.class_names);
  EXPECT_EQ(read.mean, file.mean);
  EXPECT_EQ(read.deviation, file.deviation);
}

TEST(Metadata, OfClassifiersAreReadAsTheyWereWritten) {
  const PhotoSpec photo{.resize = {128, 171},
                        .crop = {112},
                        .bicubic = true,
                        .antialias = false,
                        .mean = {0.5},
                        .std = {0.25, 0.5, 1}};
  const FileMetadata file{.version = "1.2",
                          .architecture = "resnet18",
                          .task = Task::kClassification,
                          .input = InputMode::kUint8,
                          .outputs = OutputMode::kTopK,
                          .preprocess = Preprocess::kNormalize,
                          .photo = photo,
                          .features = {"layer3", "avgpool"},
                          .onnx_runtime = "1.14"};
  std::map<std::string, std::string> metadata;
  write_metadata(file, metadata);
  const FileMetadata read = read_metadata(metadata);
  EXPECT_EQ(read.task, file.task);
  EXPECT_EQ(read.outputs, file.outputs);
  EXPECT_EQ(read.preprocess, file.preprocess);
  EXPECT_EQ(read.features, file.features);
  EXPECT_EQ(read.onnx_runtime, file.onnx_runtime);
  ASSERT_TRUE(read.photo);
  EXPECT_EQ(read.photo->resize, photo.resize);
  EXPECT_EQ(read.photo->crop, photo.crop);
  EXPECT_EQ(read.photo->bicubic, photo.bicubic);
  EXPECT_EQ(read.photo->antialias, photo.antialias);
  EXPECT_EQ(read.photo->mean, photo.mean);
  EXPECT_EQ(read.photo->std, photo.std);
}

TEST(Metadata, APreparationThatMakesNoSenseIsAbsent) {
  const std::string good =
      R"({"resize_size":[8],"crop_size":[8],"interpolation":"bilinear","antialias":true,)"
      R"("mean":[0.5],"std":[0.5]})";
  const auto read = [](const std::string& text) {
    return read_metadata({{"tv2onnx.preparation", text}}).photo;
  };
  EXPECT_TRUE(read(good));
  for (const auto& [part, other] : {std::pair{R"("resize_size":[8])", R"("resize_size":[0])"},
                                    {R"("crop_size":[8])", R"("crop_size":[1,2,3])"},
                                    {R"("crop_size":[8])", R"("crop_size":[99999999])"},
                                    {R"("antialias":true)", R"("antialias":1)"},
                                    {R"("std":[0.5])", R"("std":[0])"},
                                    {R"("mean":[0.5])", R"("mean":["x"])"},
                                    {R"("mean":[0.5],)", ""}}) {
    std::string text = good;
    text.replace(text.find(part), std::string(part).size(), other);
    EXPECT_FALSE(read(text)) << text;
  }
}

TEST(Metadata, WordsThatAreNotKnownAreAbsent) {
  const FileMetadata read = read_metadata({{"tv2onnx.config", "[damaged"},
                                           {"tv2onnx.input", "words"},
                                           {"tv2onnx.outputs", ""},
                                           {"tv2onnx.class_names", "7"}});
  EXPECT_TRUE(read.config.is_none());
  EXPECT_EQ(read.input, std::nullopt);
  EXPECT_EQ(read.outputs, std::nullopt);
  EXPECT_THAT(read.class_names, IsEmpty());
}

TEST(Contract, InputsThatAreNoImage) {
  EXPECT_THAT(refusal_of("run/two_inputs"), HasSubstr("a model with 2 inputs"));
  EXPECT_THAT(refusal_of("run/grey_input"), HasSubstr("input 'grey' is not an RGB image"));
}

}  // namespace
}  // namespace tv2onnx
