#include "zoo/detection/mask_rcnn.h"

#include "graph/ops.h"
#include "nn/mask_branch.h"
#include "nn/paste_masks.h"
#include "zoo/detection/rcnn.h"

namespace tv2onnx {
namespace {

constexpr const char* kMaskPool = "mask_roi_pool";

/// The probabilities in the image: paste_masks on the boxes that the file returns.
DetectionPart full_masks(const TwoStage& found, const DetectionTable& shown,
                         const DetectionList& list, Value masks) {
  const NameScope names(*masks.graph, "output");
  const Value boxes =
      list.place ? gather_nd(shown.boxes, list.place) : reshape(shown.boxes, {-1, 4});
  return {"masks", paste_masks(masks, boxes, found.images.original_size), {1, "height", "width"}};
}

void build_mask_rcnn(Scope s, const Config& config, const BuildOptions& options) {
  const TwoStage found = two_stage(s, config, options);
  const DetectionList list = list_detections(found.table);
  const Value every = detect_masks(s / "roi_heads", pooled_maps(found.levels, config, kMaskPool),
                                   list, roi_pool_spec(config, kMaskPool));
  const Value masks = real(every, list);
  const DetectionTable shown = in_input_pixels(found.table, found.images);
  const DetectionPart part = mask_output(options) == MaskOutput::kFull
                                 ? full_masks(found, shown, list, masks)
                                 : DetectionPart{"masks", masks, {1, every.dim(2), every.dim(3)}};
  detector_outputs(shown, output_mode(options, Task::kDetection), {part});
}

std::vector<Option> mask_options() {
  const RoiPoolSettings pool{.output_size = {std::int64_t{14}}, .object = "a mask"};
  return joined({resnet_rcnn_options(), declare_options(pool, place_of_pool(kMaskPool))});
}

}  // namespace

Model maskrcnn_resnet50_fpn() {
  return {.name = "maskrcnn_resnet50_fpn",
          .description = "Mask R-CNN, ResNet-50 with FPN",
          .options = mask_options(),
          .build = build_mask_rcnn,
          .outputs = detection_outputs({"masks"})};
}

Model maskrcnn_resnet50_fpn_v2() {
  return {.name = "maskrcnn_resnet50_fpn_v2",
          .description =
              "Mask R-CNN, ResNet-50 with a batch-normalised FPN, deeper RPN, "
              "convolutions in the box head",
          .options = mask_options(),
          .build = build_mask_rcnn,
          .outputs = detection_outputs({"masks"})};
}

}  // namespace tv2onnx
