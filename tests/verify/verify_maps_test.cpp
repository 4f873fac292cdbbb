// Comparing models of segmentation, video and optical flow with results that are taken for right.

#include "tv2onnx/verify_maps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/errors.h"
#include "support/files.h"
#include "support/task_golden.h"
#include "verify/answer_cases.h"
#include "verify/recorded_maps.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;
using testing::task_case;

/// The file of a case in a folder, as `verify` reads it.
class VerifyMaps : public ::testing::Test {
 protected:
  std::filesystem::path exported(const char* name, OutputMode outputs) {
    ExportOptions options{.build = {.outputs = outputs}};
    const bool flow = outputs == OutputMode::kFlow;
    const char* setting = flow ? "num_flow_updates" : "resize_size";
    options.overrides = {{setting, {std::int64_t{flow ? 1 : 61}}, "test"}};
    const ExportedModel model =
        export_to_memory(testing::checkpoint_of_case(task_case(name)), options);
    const auto* text = reinterpret_cast<const char*>(model.bytes.data());
    const std::filesystem::path path = folder_ / (std::string(name) + ".onnx");
    testing::write_file(path, {text, model.bytes.size()});
    return path;
  }
  template <typename Model>
  Model model(const char* name, OutputMode outputs) {
    SessionOptions single;
    single.threads = 1;
    return Model(exported(name, outputs), single);
  }
  Segmenter segmenter(OutputMode outputs = OutputMode::kLogits) {
    return model<Segmenter>("lraspp_mobilenet_v3_large", outputs);
  }
  /// Two cases of its own results.
  template <typename Model>
  Reference own_reference(const Model& model) {
    RecordOptions record;
    record.quick = true;
    Reference reference = reference_for(model, model.session().file(), record);
    reference.cases.resize(2);
    return reference;
  }

  testing::TemporaryFolder folder_;
};

/// The same tensor with one number changed.
Tensor changed(const Tensor& tensor, std::size_t place, float by) {
  std::vector<float> values = to_float(tensor);
  values[place] += by;
  return make_tensor(tensor.shape, std::move(values));
}

TEST_F(VerifyMaps, ASegmenterEqualsItself) {
  for (const OutputMode outputs : {OutputMode::kLogits, OutputMode::kLabels}) {
    const Segmenter logits = segmenter();
    const Reference reference = own_reference(logits);
    const VerifyMapsReport report = verify(segmenter(outputs), reference);
    EXPECT_TRUE(report.equal()) << report.reason;
    EXPECT_EQ(report.images[0].agreed, 1);
    EXPECT_EQ(report.images[0].logits.has_value(), outputs == OutputMode::kLogits);
    const auto json = nlohmann::json::parse(to_json(report));
    EXPECT_EQ(json["task"], "segmentation");
    EXPECT_EQ(json["images"][0]["agreed"], 1);
  }
}

TEST_F(VerifyMaps, AnotherLogitIsSeen) {
  const Segmenter model = segmenter();
  for (const float by : {1.0F, std::numeric_limits<float>::quiet_NaN()}) {
    Reference reference = own_reference(model);
    Tensor& logits = reference.cases[1].images[0].find("logits")->second;
    logits = changed(logits, 3, by);
    const VerifyMapsReport report = verify(model, reference);
    EXPECT_EQ(report.verdict, Verdict::kNotEqual);
    EXPECT_TRUE(report.images[0].equal());
    EXPECT_THAT(report.images[1].reason, HasSubstr("a logit differs")) << by;
  }
}

/// Another class counts as rounding only where the two scores are near each other.
TEST_F(VerifyMaps, AnotherClassIsSeen) {
  const Segmenter model = segmenter(OutputMode::kLabels);
  for (const float margin : {0.0F, 100.0F, std::numeric_limits<float>::quiet_NaN()}) {
    Reference reference = own_reference(segmenter());
    NamedTensors& tensors = reference.cases[0].images[0];
    std::vector<std::int64_t> labels = to_int64(tensors.find("labels")->second);
    const std::size_t middle = labels.size() / 2;
    labels[middle] = labels[middle] == 4 ? 3 : 4;
    Tensor& margins = tensors.find("margin")->second;
    margins = changed(margins, middle, margin - to_float(margins)[middle]);
    tensors.find("labels")->second = make_tensor(margins.shape, std::move(labels));
    const VerifyMapsReport report = verify(segmenter(OutputMode::kLabels), reference);
    EXPECT_LT(*report.images[0].agreed, 1);
    EXPECT_EQ(report.equal(), margin == 0) << margin;
  }
}

TEST_F(VerifyMaps, OtherPixelsAreWhy) {
  const Segmenter model = segmenter();
  Reference reference = own_reference(model);
  const Shape shape = reference.cases[0].images[0].find("labels")->second.shape;
  const std::vector<std::uint8_t> grey(static_cast<std::size_t>(shape[0] * shape[1] * 3), 128);
  reference.cases[0].images[0]["pixels"] = make_tensor({shape[0], shape[1], 3}, grey);
  const VerifyMapsReport report = verify(model, reference);
  EXPECT_THAT(report.images[0].reason, HasSubstr("resized pixels differ"));
}

TEST_F(VerifyMaps, AFlowEqualsItselfAndNoOther) {
  const Flow flow = model<Flow>("raft_small", OutputMode::kFlow);
  Reference reference = own_reference(flow);
  const VerifyMapsReport same = verify(flow, reference);
  EXPECT_TRUE(same.equal()) << same.reason;
  EXPECT_EQ(same.images[0].end_point, 0);
  for (const float by : {0.06F, std::numeric_limits<float>::infinity()}) {
    Reference other = reference;
    Tensor& recorded = other.cases[1].images[0].find("flow")->second;
    recorded = changed(recorded, 5, by);
    const VerifyMapsReport report = verify(flow, other);
    EXPECT_EQ(report.verdict, Verdict::kNotEqual);
    EXPECT_THAT(report.images[1].reason, HasSubstr("ends")) << by;
  }
  Tensor& recorded = reference.cases[0].images[0].find("flow")->second;
  recorded = changed(recorded, 5, 0.01F);
  EXPECT_TRUE(verify(flow, reference).equal());
}

TEST_F(VerifyMaps, ReferencesOfOtherTasksOrWithoutTensorsAreRefused) {
  const Flow flow = model<Flow>("raft_small", OutputMode::kFlow);
  const Segmenter labels = segmenter();
  const Reference of_labels = own_reference(labels);
  EXPECT_EQ(testing::code_of([&] { verify(flow, of_labels); }), "V002");
  for (const char* missing : {"labels", "margin", "logits"}) {
    Reference reference = of_labels;
    reference.cases[0].images[0].erase(missing);
    EXPECT_EQ(testing::code_of([&] { verify(labels, reference); }), "V002") << missing;
  }
  EXPECT_THAT(testing::message_of([&] {
                reference_for(labels, segmenter(OutputMode::kLabels).session().file(), {});
              }),
              HasSubstr("--outputs logits"));
}

TEST(RecordedMaps, MarginsAreBetweenTheTwoLargest) {
  const NamedTensors tensors =
      label_tensors(make_tensor({3, 1, 2}, std::vector<float>{1, 5, 4, 5, 3, 2}));
  EXPECT_EQ(to_int64(tensors.at("labels")), (std::vector<std::int64_t>{1, 0}));
  EXPECT_EQ(to_float(tensors.at("margin")), (std::vector<float>{1, 0}));
  const Tensor thinned = every_fourth(make_tensor({1, 5, 6}, std::vector<float>(30)));
  EXPECT_EQ(thinned.shape, (Shape{1, 2, 2}));
}

TEST(AnswerCases, FramesMove) {
  const std::vector<InputCase> clips = clip_cases({}, -1);
  ASSERT_EQ(clips.size(), 3U);
  EXPECT_EQ(clips[0].input.shape, (Shape{16, 100, 100, 3}));
  Tensor photo = clips[0].input;
  photo.shape[0] = 1;
  const std::vector<InputCase> pairs = pair_cases({photo});
  EXPECT_EQ(pairs[1].input.shape, (Shape{2, 136, 200, 3}));
  const auto pixels = pairs[1].input.as<std::uint8_t>();
  EXPECT_FALSE(
      std::equal(pixels.begin(), pixels.begin() + 136 * 200 * 3, pixels.begin() + 136 * 200 * 3));
}

}  // namespace
}  // namespace tv2onnx
