#include "doctor/rebuild/settings.h"

#include <algorithm>

#include "doctor/box_head.h"

namespace tv2onnx::doctor {

FoundSettings find_settings(const View& view, const std::vector<Layer>& layers) {
  const auto of_head = [](const Layer& layer) { return layer.module.starts_with("roi_heads."); };
  const bool two_stage =
      std::ranges::any_of(layers, of_head) || !find_box_heads(view).empty();  // names may be lost
  FoundSettings found;
  find_transform(view, layers, found);
  if (two_stage) {
    find_two_stage_selection(view, layers, found);
    find_anchors(view, "rpn.anchor_generator", found);
  } else {
    find_one_stage_selection(view, found);
    find_anchors(view, "anchor_generator", found);
    find_default_boxes(view, found);
  }
  return found;
}

}  // namespace tv2onnx::doctor
