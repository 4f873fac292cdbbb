#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/errors.h"
#include "support/files.h"
#include "tv2onnx/reference.h"
#include "verify/safetensors_file.h"

namespace tv2onnx {
namespace {

using testing::Arrays;
using testing::code_of;
using ::testing::ElementsAre;
using testing::empty_case;
using ::testing::HasSubstr;
using testing::message_of;
using ::testing::SizeIs;
using testing::TemporaryFolder;
using testing::write_safetensors;

const std::string kGolden = TV2ONNX_SOURCE_DIR "/tests/golden/verify/fake.safetensors";

/// An array of a good case replaced by another one.
Arrays with(const std::string& name, Tensor tensor) {
  Arrays arrays = empty_case("a");
  const auto found = std::ranges::find(arrays, name, &Arrays::value_type::first);
  if (found != arrays.end()) found->second = std::move(tensor);
  return arrays;
}

class ReadReference : public ::testing::Test {
 protected:
  Reference read(const Arrays& arrays, const std::map<std::string, std::string>& metadata = {}) {
    write_safetensors(folder_ / "reference", arrays, metadata);
    return read_reference(folder_ / "reference");
  }
  std::string problem(const Arrays& arrays) {
    return message_of([&] { read(arrays); });
  }
  TemporaryFolder folder_;
};

TEST_F(ReadReference, OfTheRecordingScript) {
  const Reference reference = read_reference(kGolden);
  EXPECT_EQ(reference.source, kGolden);
  EXPECT_EQ(reference.metadata.at("model"), "FakeDetector");
  std::vector<std::string> names;
  for (const ReferenceCase& one : reference.cases) names.push_back(one.name);
  EXPECT_THAT(names, ElementsAre("wide", "high", "blank", "range_0_255", "batch_3"));
  const ReferenceCase& wide = reference.cases[0];
  EXPECT_EQ(wide.input.dtype, DType::kUInt8);
  EXPECT_THAT(wide.input.shape, ElementsAre(1, 40, 57, 3));
  ASSERT_THAT(wide.images, SizeIs(1));
  const RecordedDetections first = detections_of(wide.images[0]);
  ASSERT_THAT(first.detections, SizeIs(4));
  EXPECT_EQ(first.detections[1].label, 2);
  EXPECT_FLOAT_EQ(first.detections[0].box[3], 16);
  EXPECT_FALSE(first.precise.has_value());
  EXPECT_EQ(reference.cases[3].input.dtype, DType::kFloat32);
  EXPECT_THAT(reference.cases[4].images, SizeIs(3));
  EXPECT_THAT(detections_of(reference.cases[4].images[1]).detections, SizeIs(0));
  EXPECT_EQ(reference.task, Task::kDetection);
  EXPECT_EQ(reference.kind, ReferenceKind::kRecorded);
  EXPECT_THAT(origin_text(reference), HasSubstr("recorded in torch "));
}

TEST_F(ReadReference, WithResultsInDoublePrecision) {
  Arrays arrays = empty_case("a");
  arrays.emplace_back("a/0/boxes64", make_tensor({1, 4}, std::vector<double>{1, 2, 3, 4}));
  arrays.emplace_back("a/0/labels64", make_tensor({1}, std::vector<std::int64_t>{7}));
  arrays.emplace_back("a/0/scores64", make_tensor({1}, std::vector<double>{0.25}));
  const Reference reference = read(arrays);
  const auto precise = detections_of(reference.cases[0].images[0]).precise;
  ASSERT_TRUE(precise.has_value());
  ASSERT_THAT(*precise, SizeIs(1));
  EXPECT_EQ((*precise)[0].label, 7);
  EXPECT_EQ((*precise)[0].score, 0.25F);
  arrays.pop_back();
  EXPECT_THAT(problem(arrays), HasSubstr("a/0/scores64"));
}

/// What ties decide, under the name of this version or of version 0.1.
Arrays with_ties(const std::string& prefix) {
  Arrays arrays = empty_case("a");
  arrays.emplace_back("a/0/" + prefix + "/boxes",
                      make_tensor({1, 4}, std::vector<float>{1, 2, 3, 4}));
  arrays.emplace_back("a/0/" + prefix + "/labels", make_tensor({1}, std::vector<std::int64_t>{7}));
  arrays.emplace_back("a/0/" + prefix + "/scores", make_tensor({1}, std::vector<float>{0.25F}));
  return arrays;
}

TEST_F(ReadReference, WithWhatTiesDecide) {
  EXPECT_FALSE(detections_of(read(empty_case("a")).cases[0].images[0]).tied.has_value());
  for (const char* prefix : {"tied", "unsettled"}) {
    const Reference reference = read(with_ties(prefix));
    const RecordedDetections recorded = detections_of(reference.cases[0].images[0]);
    EXPECT_THAT(recorded.detections, SizeIs(0));
    const RoundingEvidence evidence = recorded.evidence();
    EXPECT_EQ(evidence.precise, nullptr);
    ASSERT_NE(evidence.tied, nullptr) << prefix;
    ASSERT_THAT(*evidence.tied, SizeIs(1));
    EXPECT_EQ(evidence.tied->front().label, 7);
  }
  Arrays arrays = with_ties("tied");
  arrays.pop_back();
  EXPECT_THAT(problem(arrays), HasSubstr("a/0/tied/scores"));
}

TEST_F(ReadReference, OfAnotherTask) {
  const Arrays scores{{"a/input", make_tensor({1, 4, 5, 3}, std::vector<std::uint8_t>(60))},
                      {"a/0/logits", make_tensor({2}, std::vector<float>{1, 2})}};
  const Reference reference = read(scores, {{"task", "classification"}});
  EXPECT_EQ(reference.task, Task::kClassification);
  EXPECT_THAT(reference.cases[0].images[0].at("logits").shape, ElementsAre(2));
  EXPECT_THAT(message_of([&] {
                read(scores, {{"task", "poetry"}});
              }),
              HasSubstr("error[V002]: the task 'poetry'"));
}

TEST(DetectionTensors, GiveTheDetectionsAgain) {
  const auto mask = [](float value, Shape shape) {
    const auto count = static_cast<std::size_t>(element_count(shape));
    return make_tensor(std::move(shape), std::vector<float>(count, value));
  };
  for (const bool pasted : {false, true}) {
    Detections before{{.box = {1, 2, 3, 4}, .label = 5, .score = 0.5F},
                      {.box = {6, 7, 8, 9}, .label = 10, .score = 0.25F}};
    before[0].mask = {mask(0.5F, {2, 3}), pasted};
    before[1].mask = {mask(0.75F, {2, 3}), pasted};
    before[0].keypoints = {{1, 2, 1, 3}, {4, 5, 1, 6}};
    before[1].keypoints = {{7, 8, 1, 9}, {1, 3, 1, 5}};
    const RecordedDetections after = detections_of(tensors_of(before));
    EXPECT_FALSE(after.precise || after.tied);
    ASSERT_THAT(after.detections, SizeIs(2));
    const Detection& second = after.detections[1];
    EXPECT_THAT(second.box, ElementsAre(6, 7, 8, 9));
    EXPECT_EQ(second.label, 10);
    EXPECT_EQ(second.score, 0.25F);
    EXPECT_EQ(second.mask->pasted, pasted);
    EXPECT_THAT(second.mask->probabilities.shape, ElementsAre(2, 3));
    EXPECT_EQ(second.mask->probabilities.as<float>()[5], 0.75F);
    ASSERT_THAT(second.keypoints, SizeIs(2));
    EXPECT_EQ(second.keypoints[1].y, 3);
    EXPECT_EQ(second.keypoints[1].score, 5);
  }
  EXPECT_THAT(detections_of(tensors_of({})).detections, SizeIs(0));
}

/// A case of one image with two detections.
Arrays two_detections() {
  return {{"a/input", make_tensor({1, 4, 5, 3}, std::vector<std::uint8_t>(60))},
          {"a/0/boxes", make_tensor({2, 4}, std::vector<float>(8, 1))},
          {"a/0/labels", make_tensor({2}, std::vector<std::int64_t>{1, 2})},
          {"a/0/scores", make_tensor({2}, std::vector<float>(2, 0.5F))}};
}

TEST_F(ReadReference, WithMasks) {
  Arrays arrays = two_detections();
  std::vector<float> values(18);
  values[9] = 0.75F;
  arrays.emplace_back("a/0/masks", make_tensor({2, 3, 3}, std::move(values)));
  const Reference reference = read(arrays);
  const Detections detections = detections_of(reference.cases[0].images[0]).detections;
  ASSERT_TRUE(detections[1].mask.has_value());
  EXPECT_FALSE(detections[1].mask->pasted);
  EXPECT_THAT(detections[1].mask->probabilities.shape, ElementsAre(3, 3));
  EXPECT_EQ(detections[1].mask->probabilities.as<float>()[0], 0.75F);
  arrays.back().second = make_tensor({1, 3, 3}, std::vector<float>(9));
  EXPECT_THAT(problem(arrays), HasSubstr("expected  float32 [2,-1,-1]"));
}

TEST_F(ReadReference, WithKeypoints) {
  Arrays arrays = two_detections();
  const std::vector<float> values{1, 2, 1, 3, 4, 1, 5, 6, 1, 7, 8, 1};
  arrays.emplace_back("a/0/keypoints", make_tensor({2, 2, 3}, values));
  EXPECT_THAT(problem(arrays), HasSubstr("a/0/keypoints_scores"));
  arrays.emplace_back("a/0/keypoints_scores", make_tensor({2, 2}, std::vector<float>{9, 8, 7, 6}));
  const Reference reference = read(arrays);
  const Detections detections = detections_of(reference.cases[0].images[0]).detections;
  const std::vector<Keypoint>& points = detections[1].keypoints;
  ASSERT_THAT(points, SizeIs(2));
  EXPECT_EQ(points[1].x, 7);
  EXPECT_EQ(points[1].y, 8);
  EXPECT_EQ(points[1].visibility, 1);
  EXPECT_EQ(points[1].score, 6);
  arrays.back().second = make_tensor({2, 3}, std::vector<float>(6));
  EXPECT_THAT(problem(arrays), HasSubstr("expected  float32 [2,2]"));
}

TEST_F(ReadReference, InTheOrderOfTheMetadata) {
  Arrays arrays = empty_case("a");
  for (auto& entry : empty_case("b")) arrays.push_back(std::move(entry));
  EXPECT_EQ(read(arrays, {{"cases", R"(["b", "a"])"}}).cases[0].name, "b");
  EXPECT_EQ(read(arrays).cases[0].name, "a");
}

TEST_F(ReadReference, RefusesWhatIsNone) {
  const Arrays weights{{"layer.weight", make_tensor({2}, std::vector<float>{1, 2})}};
  write_safetensors(folder_ / "weights", weights);
  EXPECT_EQ(code_of([&] { read_reference(folder_ / "weights"); }), "V001");
  EXPECT_EQ(code_of([&] { read_reference(folder_ / "absent"); }), "C001");
}

TEST_F(ReadReference, RefusesMissingArrays) {
  for (const char* name : {"a/0/boxes", "a/0/labels", "a/0/scores"}) {
    Arrays arrays = empty_case("a");
    std::erase_if(arrays, [&](const auto& entry) { return entry.first == name; });
    EXPECT_THAT(problem(arrays), HasSubstr("error[V002]: an array is missing")) << name;
    EXPECT_THAT(problem(arrays), HasSubstr(name));
  }
}

TEST_F(ReadReference, RefusesAnImageWithoutResults) {
  const Arrays two = with("a/input", make_tensor({2, 4, 5, 3}, std::vector<std::uint8_t>(120)));
  EXPECT_THAT(problem(two), HasSubstr("a/1/boxes"));
}

TEST_F(ReadReference, RefusesWrongTypesAndShapes) {
  const std::vector<std::pair<std::string, Tensor>> wrong{
      {"a/0/boxes", make_tensor({0, 5}, std::vector<float>())},
      {"a/0/boxes", make_tensor({0}, std::vector<float>())},
      {"a/0/boxes", make_tensor({0, 4}, std::vector<double>())},
      {"a/0/labels", make_tensor({1}, std::vector<std::int64_t>{1})},
      {"a/0/labels", make_tensor({0}, std::vector<std::int32_t>())},
      {"a/0/scores", make_tensor({0, 1}, std::vector<float>())},
      {"a/input", make_tensor({4, 5, 3}, std::vector<std::uint8_t>(60))},
      {"a/input", make_tensor({1, 4, 5, 3}, std::vector<double>(60))},
      {"a/input", make_tensor({0, 4, 5, 3}, std::vector<std::uint8_t>())},
  };
  for (const auto& [name, tensor] : wrong) {
    const std::string message = problem(with(name, tensor));
    EXPECT_THAT(message, HasSubstr("error[V002]")) << name << shape_text(tensor.shape);
    EXPECT_THAT(message, HasSubstr(name));
    EXPECT_THAT(message, HasSubstr("record it again"));
  }
}

TEST_F(ReadReference, KindIsFoundFromTheContent) {
  EXPECT_EQ(reference_kind(kGolden), ReferenceKind::kRecorded);
  EXPECT_EQ(reference_kind(TV2ONNX_SOURCE_DIR "/tests/golden/runtime/batched.onnx"),
            ReferenceKind::kOnnx);
  EXPECT_EQ(reference_kind(TV2ONNX_SOURCE_DIR "/examples/shapes/fasterrcnn_shapes_half.pth"),
            ReferenceKind::kCheckpoint);
  EXPECT_EQ(code_of([&] { reference_kind(folder_ / "absent"); }), "C001");
}

}  // namespace
}  // namespace tv2onnx
