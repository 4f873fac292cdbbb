#include "zoo/detection/keypoint_rcnn.h"

#include <algorithm>
#include <iterator>

#include "nn/keypoint_branch.h"
#include "zoo/detection/options.h"
#include "zoo/detection/rcnn.h"

namespace tv2onnx {
namespace {

constexpr const char* kPool = "keypoint_roi_pool";

void build(Scope s, const Config& config, const BuildOptions& options) {
  const TwoStage found = two_stage(s, config, options);
  const DetectionList list = list_detections(found.table);
  const Keypoints keypoints =
      detect_keypoints(s / "roi_heads", pooled_maps(found.levels, config, kPool), list,
                       roi_pool_spec(config, kPool));
  const Dim count = keypoints.x.dim(1);
  const Value points = keypoint_rows(keypoints, input_pixels(found.images));
  detector_outputs(in_input_pixels(found.table, found.images), options.outputs,
                   {{"keypoints", real(points, list), {count, 3}},
                    {"keypoints_scores", real(keypoints.scores, list), {count}}});
}

}  // namespace

Model keypointrcnn_resnet50_fpn() {
  std::vector<Option> options = resnet_rcnn_options();
  const std::vector<double> sizes{640, 672, 704, 736, 768, 800};
  std::ranges::find(options, "min_size", &Option::name)->standard = list_of(sizes);
  std::ranges::move(roi_pool_options(kPool, {"0", "1", "2", "3"}, 14), std::back_inserter(options));
  return {"keypointrcnn_resnet50_fpn",
          "Keypoint R-CNN, ResNet-50 with FPN",
          std::move(options),
          build,
          /*masks=*/false,
          /*keypoints=*/true};
}

}  // namespace tv2onnx
