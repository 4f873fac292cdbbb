#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tv2onnx/detector.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Input = DetectorContract::Input;
using Output = DetectorContract::Output;

DetectorContract contract_of(const std::string& name) {
  const Session session(TV2ONNX_SOURCE_DIR "/tests/golden/" + name + ".onnx", {});
  return detector_contract(session);
}

std::string refusal_of(const std::string& name) {
  try {
    contract_of(name);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(DetectorContract, OurFilesSayItThemselves) {
  const DetectorContract contract = contract_of("runtime/batched");
  EXPECT_EQ(contract.input, Input::kFloatUnit);
  EXPECT_FALSE(contract.bgr);
  EXPECT_THAT(contract.size, ElementsAre(-1, 3, -1, -1));
  EXPECT_EQ(contract.output, Output::kBatched);
  EXPECT_EQ(contract.num_detections, 3U);
  EXPECT_EQ(contract.batch_index, std::nullopt);
  EXPECT_THAT(contract.class_names, ElementsAre("__background__", "cat", "dog", "bird"));
  EXPECT_EQ(contract.architecture, "fake_detector");
  EXPECT_EQ(contract.origin, "metadata of tv2onnx 0.1.0");
}

TEST(DetectorContract, OurOtherInputAndOutputModes) {
  const DetectorContract bytes = contract_of("runtime/uint8_bgr");
  EXPECT_EQ(bytes.input, Input::kUint8);
  EXPECT_TRUE(bytes.bgr);
  EXPECT_THAT(bytes.size, ElementsAre(-1, 3, -1, -1));
  EXPECT_EQ(contract_of("runtime/auto").input, Input::kFloatUnit);
  EXPECT_EQ(contract_of("runtime/fixed").num_detections, 3U);
  const DetectorContract flat = contract_of("runtime/flat");
  EXPECT_EQ(flat.output, Output::kFlat);
  EXPECT_EQ(flat.batch_index, 3U);
}

TEST(DetectorContract, TypesTellLabelsFromScoresInEitherOrder) {
  const DetectorContract r_cnn = contract_of("runtime/torch_labels_scores");
  EXPECT_EQ(r_cnn.output, Output::kFlat);
  EXPECT_EQ(r_cnn.boxes, 0U);
  EXPECT_EQ(r_cnn.labels, 1U);
  EXPECT_EQ(r_cnn.scores, 2U);
  EXPECT_THAT(r_cnn.size, ElementsAre(1, 3, -1, -1));
  EXPECT_THAT(r_cnn.class_names, IsEmpty());
  EXPECT_EQ(r_cnn.origin, "types and shapes of inputs and outputs");
  const DetectorContract one_stage = contract_of("runtime/torch_scores_labels");
  EXPECT_EQ(one_stage.labels, 2U);
  EXPECT_EQ(one_stage.scores, 1U);
}

TEST(DetectorContract, NamesOfOutputsDoNotMatter) {
  const DetectorContract contract = contract_of("run/misnamed");
  EXPECT_EQ(contract.boxes, 2U);
  EXPECT_EQ(contract.labels, 1U);
  EXPECT_EQ(contract.scores, 0U);
}

TEST(DetectorContract, OurFilesSayWhatTheirMasksAre) {
  const DetectorContract roi = contract_of("runtime/masks_roi");
  EXPECT_EQ(roi.masks, 3U);
  EXPECT_EQ(roi.masks_pasted, false);
  EXPECT_EQ(roi.keypoints, std::nullopt);
  const DetectorContract full = contract_of("runtime/masks_full");
  EXPECT_EQ(full.masks, 3U);
  EXPECT_EQ(full.masks_pasted, true);
  const DetectorContract keypoints = contract_of("runtime/keypoints");
  EXPECT_EQ(keypoints.masks, std::nullopt);
  EXPECT_EQ(keypoints.keypoints, 3U);
  EXPECT_EQ(keypoints.keypoints_scores, 4U);
  EXPECT_EQ(contract_of("runtime/batched").masks, std::nullopt);
}

TEST(DetectorContract, MasksAndKeypointsAreToldByTheirShapes) {
  for (const char* name : {"runtime/torch_masks", "run/stripped_masks_roi"}) {
    const DetectorContract contract = contract_of(name);
    EXPECT_EQ(contract.boxes, 0U) << name;
    EXPECT_EQ(contract.labels, 1U);
    EXPECT_EQ(contract.scores, 2U);
    EXPECT_EQ(contract.masks, 3U);
    EXPECT_EQ(contract.masks_pasted, std::nullopt);
    EXPECT_EQ(contract.keypoints, std::nullopt);
  }
  // With four keypoints their scores have the shape of the boxes.
  for (const char* name : {"runtime/torch_keypoints", "run/stripped_keypoints"}) {
    const DetectorContract contract = contract_of(name);
    EXPECT_EQ(contract.boxes, 0U) << name;
    EXPECT_EQ(contract.labels, 1U);
    EXPECT_EQ(contract.scores, 2U);
    EXPECT_EQ(contract.masks, std::nullopt);
    EXPECT_EQ(contract.keypoints, 3U);
    EXPECT_EQ(contract.keypoints_scores, 4U);
  }
}

TEST(DetectorContract, OurFileThatLostItsMetadata) {
  const DetectorContract batched = contract_of("run/stripped_batched");
  EXPECT_EQ(batched.output, Output::kBatched);
  EXPECT_EQ(batched.boxes, 0U);
  EXPECT_EQ(batched.num_detections, 3U);
  const DetectorContract flat = contract_of("run/stripped_flat");
  EXPECT_EQ(flat.output, Output::kFlat);
  EXPECT_EQ(flat.labels, 1U);
  EXPECT_EQ(flat.batch_index, 3U);
}

TEST(DetectorContract, StaticSizesAreReported) {
  EXPECT_THAT(contract_of("runtime/torch_static").size, ElementsAre(1, 3, 30, 40));
}

TEST(DetectorContract, AClassifierIsNoDetector) {
  EXPECT_THAT(refusal_of("runtime/classifier"),
              AllOf(HasSubstr("error[R007]: no output can be the boxes"),
                    HasSubstr("input     input float32 [batch,3,height,width]"),
                    HasSubstr("output    logits float32 [batch,5]"), HasSubstr("expected")));
}

TEST(DetectorContract, AnUnrolledBatchIsAmbiguous) {
  EXPECT_THAT(refusal_of("run/unrolled"),
              AllOf(HasSubstr("error[R007]: 2 outputs can be the boxes"),
                    HasSubstr("trace it with one image")));
}

TEST(DetectorContract, MetadataThatTheFileContradictsIsNotBelieved) {
  EXPECT_THAT(refusal_of("run/renamed_output"),
              HasSubstr("error[R007]: the metadata promises output 'num_detections'"));
  EXPECT_THAT(refusal_of("run/wrong_input"),
              HasSubstr("error[R007]: the metadata promises input 'uint8'"));
}

TEST(DetectorContract, InputsThatAreNoImage) {
  EXPECT_THAT(refusal_of("run/two_inputs"), HasSubstr("a model with 2 inputs"));
  EXPECT_THAT(refusal_of("run/grey_input"), HasSubstr("input 'grey' is no RGB image"));
}

}  // namespace
}  // namespace tv2onnx
