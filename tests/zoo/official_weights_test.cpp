#include "zoo/official_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/errors.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::message_of;

constexpr const char* kKeypoints = "keypointrcnn_resnet50_fpn";

TEST(OfficialWeights, AreFoundByName) {
  EXPECT_EQ(official_weights(kKeypoints, "COCO_LEGACY").hash, "9f466800");
  EXPECT_EQ(official_weights(kKeypoints, "DEFAULT").hash, "fc266e95");
  EXPECT_EQ(official_weights(kKeypoints, "KeypointRCNN_ResNet50_FPN_Weights.COCO_V1").hash,
            "fc266e95");
  EXPECT_THAT(
      message_of([] { official_weights(kKeypoints, "COCO_V9"); }),
      AllOf(HasSubstr("error[U001]"), HasSubstr("COCO_V9"), HasSubstr("COCO_LEGACY or COCO_V1")));
}

TEST(OfficialWeights, AreFoundByFile) {
  const OfficialWeights* found =
      official_weights_in("/some/where/retinanet_resnet50_fpn_coco-eeacb38b (1).pth");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->arch, "retinanet_resnet50_fpn");
  EXPECT_EQ(official_weights_in("/eeacb38b/model.pth"), nullptr);
  EXPECT_EQ(official_weights_in("retinanet_resnet50_fpn_coco.pth"), nullptr);
  EXPECT_EQ(official_weights_in("mine-eeacb38b.pth"), nullptr);
}

TEST(OfficialWeights, SomeRunWithoutEps) {
  const auto settings = settings_of(official_weights("maskrcnn_resnet50_fpn", "COCO_V1"));
  ASSERT_EQ(settings.size(), 1U);
  EXPECT_EQ(settings[0].name, "norm_eps");
  EXPECT_EQ(to_json(settings[0].value), "0");
  EXPECT_THAT(settings_of(official_weights("fcos_resnet50_fpn", "COCO_V1")), IsEmpty());
  EXPECT_THAT(settings_of(official_weights(kKeypoints, "COCO_LEGACY")), IsEmpty());
}

}  // namespace
}  // namespace tv2onnx
