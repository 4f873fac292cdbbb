// Logits of torchvision's video classifiers, against those that torchvision gave in double.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/designed_weights.h"
#include "support/errors.h"
#include "support/task_golden.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using testing::compare_run;
using testing::export_case;
using ::testing::HasSubstr;
using testing::Json;
using testing::session_of;
using testing::task_case;

class VideoParity : public ::testing::TestWithParam<const char*> {};

TEST_P(VideoParity, LogitsAreTorchvisions) {
  const Json& one = task_case(GetParam());
  bool all_runs = true;
  for (const int opset : testing::opsets_of(one)) {
    const ExportedModel model = export_case(one, {.opset = opset});
    EXPECT_EQ(model.report.arch, one["builder"].get<std::string>());
    EXPECT_EQ(model.report.classes, 7);
    EXPECT_EQ(model.report.task, Task::kVideo);
    const Session session = session_of(model);
    for (const Json& run : one["runs"]) {
      EXPECT_LE(compare_run(session, run), 1) << opset;
      if (!all_runs) break;
    }
    all_runs = false;  // the first opset is enough
  }
}

INSTANTIATE_TEST_SUITE_P(AllPaths, VideoParity,
                         ::testing::Values("r3d_18", "mc3_18", "r2plus1d_18", "s3d", "mvit_v1_b",
                                           "mvit_v2_s", "mvit_v2_s wide", "swin3d_t"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::ranges::replace(name, ' ', '_');
                           return name;
                         });

TEST(VideoParityMutations, EpsIsSeen) {
  for (const char* name : {"s3d", "mc3_18"}) {
    const Json& one = task_case(name);
    const double other = std::string(name) == "s3d" ? 1e-5 : 1e-3;
    const Session session = session_of(export_case(one, {}, {{"norm_eps", other}}));
    EXPECT_GT(compare_run(session, one["runs"].front()), 5) << name;
  }
}

/// torch raises an error, too. Without it, the mean of nothing would be NaN.
TEST(VideoSizes, ClipsThatS3dCannotTakeAreRefused) {
  const Session session = session_of(export_case(task_case("s3d"), {}));
  for (const Shape& shape : {Shape{1, 3, 12, 209, 209}, Shape{1, 3, 13, 208, 209}}) {
    EXPECT_THAT(testing::message_of([&] { session.run(testing::designed_inputs(shape, 1)); }),
                HasSubstr("clips_need_13_frames_of_209x209_at_least"));
  }
}

TEST(VideoSizes, MvitTakesOne) {
  const Session session = session_of(export_case(task_case("mvit_v2_s"), {}));
  EXPECT_THAT(testing::message_of([&] {
                session.run(testing::designed_inputs({1, 3, 4, 64, 96}, 1));
              }),
              HasSubstr("Expected: 64"));
}

TEST(VideoSizes, OfMvitMustBeThatOfTheWeights) {
  for (const char* name : {"mvit_v1_b", "mvit_v2_s"}) {
    const Checkpoint checkpoint = testing::without_values(testing::task_tensors().at(name));
    for (const char* size : {"[64,96]", "[222,224]"}) {
      const ExportOptions options{.overrides = {{"spatial_size", parse_json(size), "test"}}};
      EXPECT_THAT(testing::message_of([&] { export_to_memory(checkpoint, options); }),
                  HasSubstr("W002"));
    }
  }
}

/// torch computes this buffer and reads it; with other numbers in it, it would compute otherwise.
TEST(VideoSizes, WindowsOfSwin3dMustBeThoseOfTheWeights) {
  Checkpoint other = testing::checkpoint_of_case(task_case("swin3d_t"));
  NamedTensor& index = *std::ranges::find(
      other.tensors, "features.2.1.attn.relative_position_index", &NamedTensor::name);
  std::vector<float> numbers = to_float(index.tensor);
  std::swap(numbers[1], numbers[2]);
  index.tensor = make_tensor(index.tensor.shape, std::move(numbers));
  EXPECT_THAT(testing::message_of([&] { export_to_memory(other, {}); }),
              AllOf(HasSubstr("W002"), HasSubstr("windows of 8x7x7 tokens"),
                    HasSubstr("features.2.1.attn.relative_position_index")));
}

TEST(VideoSizes, Swin3dTakesAnyNumberOfFramesOfAnySize) {
  const Session session = session_of(export_case(task_case("swin3d_t"), {}));
  EXPECT_EQ(session.inputs()[0].symbols,
            (std::vector<std::string>{"batch", "", "time", "height", "width"}));
}

TEST(VideoSizes, ResNetsTakeOneFrameOfOnePixel) {
  const Session session = session_of(export_case(task_case("mc3_18"), {}));
  const auto logits = session.run(testing::designed_inputs({3, 3, 1, 1, 1}, 1));
  EXPECT_EQ(logits[0].shape, (Shape{3, 7}));
}

}  // namespace
}  // namespace tv2onnx
