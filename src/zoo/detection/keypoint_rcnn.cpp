#include "zoo/detection/keypoint_rcnn.h"

#include "nn/keypoint_branch.h"
#include "zoo/detection/rcnn.h"

namespace tv2onnx {
namespace {

constexpr const char* kKeypointPool = "keypoint_roi_pool";

void build_keypoint_rcnn(Scope s, const Config& config, const BuildOptions& options) {
  const TwoStage found = two_stage(s, config, options);
  const DetectionList list = list_detections(found.table);
  const Keypoints keypoints =
      detect_keypoints(s / "roi_heads", pooled_maps(found.levels, config, kKeypointPool), list,
                       roi_pool_spec(config, kKeypointPool), found.images.size);
  const Dim count = keypoints.x.dim(1);
  const Value points = keypoint_rows(keypoints, input_pixels(found.images));
  detector_outputs(in_input_pixels(found.table, found.images),
                   output_mode(options, Task::kDetection),
                   {{"keypoints", real(points, list), {count, 3}},
                    {"keypoints_scores", real(keypoints.scores, list), {count}}});
}

}  // namespace

Model keypointrcnn_resnet50_fpn() {
  const std::vector<double> sizes{640, 672, 704, 736, 768, 800};
  const RoiPoolSettings pool{.output_size = {std::int64_t{14}}, .object = "keypoints"};
  return {.name = "keypointrcnn_resnet50_fpn",
          .description = "Keypoint R-CNN, ResNet-50 with FPN",
          .options = joined({resnet_rcnn_options({.min_size = to_setting(sizes)}),
                             declare_options(pool, place_of_pool(kKeypointPool))}),
          .build = build_keypoint_rcnn,
          .outputs = detection_outputs({"keypoints", "keypoints_scores"})};
}

}  // namespace tv2onnx
