#include "zoo/detection/portable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "export/allowed_options.h"
#include "support/errors.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;
using testing::message_of;

BuildOptions portable() {
  BuildOptions build;
  build.detection.portable = true;
  return build;
}

std::string refusal_of(const std::string& model, const std::string& setting, std::int64_t value,
                       const BuildOptions& build) {
  Config config(find_model(model).options);
  config.set(setting, {value}, "test");
  return message_of([&] { require_portable(config, build); });
}

TEST(Portable, CountsThatAreTheKOfATopKAreBelow3840) {
  for (const char* count :
       {"rpn_pre_nms_top_n_test", "rpn_post_nms_top_n_test", "box_detections_per_img"}) {
    EXPECT_EQ(refusal_of("fasterrcnn_resnet50_fpn", count, 3839, portable()), "");
    EXPECT_THAT(refusal_of("fasterrcnn_resnet50_fpn", count, 3840, portable()), HasSubstr(count));
    EXPECT_EQ(refusal_of("fasterrcnn_resnet50_fpn", count, 3840, {}), "");
  }
  for (const char* count : {"detections_per_img", "topk_candidates"}) {
    for (const char* model : {"retinanet_resnet50_fpn", "fcos_resnet50_fpn", "ssd300_vgg16"}) {
      EXPECT_THAT(refusal_of(model, count, 5000, portable()), HasSubstr(count)) << model;
    }
  }
}

std::string not_allowed(const BuildOptions& build, const char* model = "fasterrcnn_resnet50_fpn") {
  return message_of([&] { require_allowed(find_model(model), build); });
}

TEST(Portable, OutputsHaveARowForEachDetectionThatMayBe) {
  BuildOptions build = portable();
  EXPECT_EQ(output_mode(build, Task::kDetection), OutputMode::kFixed);
  EXPECT_EQ(output_mode(build, Task::kClassification), OutputMode::kLogits);
  EXPECT_EQ(not_allowed(build), "");
  for (const OutputMode mode : {OutputMode::kBatched, OutputMode::kFlat}) {
    build.outputs = mode;
    EXPECT_THAT(not_allowed(build), HasSubstr("num_detections"));
  }
  build.outputs = OutputMode::kRaw;
  EXPECT_EQ(not_allowed(build, "ssd300_vgg16"), "");
}

TEST(Portable, SizeAndBatchAreForPortableFilesAlone) {
  BuildOptions build = portable();
  build.detection.size = {1, 333};
  build.detection.batch = 3;
  EXPECT_EQ(not_allowed(build), "");
  EXPECT_THAT(not_allowed(build, "resnet18"), HasSubstr("--batch"));
  build.detection.batch = 0;
  EXPECT_THAT(not_allowed(build), HasSubstr("--batch"));
  build.detection.batch = 1;
  build.detection.size = {0, 333};
  EXPECT_THAT(not_allowed(build), HasSubstr("--size"));
  build.detection.size = {480, 640};
  build.detection.portable = false;
  EXPECT_THAT(not_allowed(build), HasSubstr("--size"));
  build.detection.size.reset();
  EXPECT_THAT(not_allowed(build), HasSubstr("--batch"));
  build = portable();
  build.outputs = OutputMode::kRaw;
  build.detection.batch = 2;
  EXPECT_THAT(not_allowed(build, "ssd300_vgg16"), HasSubstr("raw files take one image"));
}

}  // namespace
}  // namespace tv2onnx
