#include "run/look.h"

#include <utility>

#include "run/each_image.h"
#include "tv2onnx/masks.h"

namespace tv2onnx {

Look look_at(const Detector& detector, Tensor pixels, const DetectOptions& options) {
  Look look{std::move(pixels), {}};
  look.found.height = look.pixels.shape[1];
  look.found.width = look.pixels.shape[2];
  look.found.detections = std::move(detector.run(look.pixels)[0]);
  drop_unsure(look.found, options);
  return look;
}

void drop_unsure(FoundImage& found, const DetectOptions& options) {
  std::erase_if(found.detections, [&](const Detection& detection) {
    return !(detection.score >= static_cast<float>(options.score));
  });
}

void finish_masks(Look& look, const DetectOptions& options) {
  const ImageSize size{look.found.height, look.found.width};
  for (Detection& detection : look.found.detections) {
    if (!detection.mask) continue;
    look.masks.push_back(pixel_mask(*detection.mask, detection.box, size, options.mask_threshold));
    detection.mask.reset();
    look.found.segmentations.push_back(
        segmentation_of(look.masks.back(), size, options.mask_format));
  }
}

std::vector<std::string> box_texts(const FoundImage& found, const std::vector<std::string>& names) {
  std::vector<std::string> texts;
  for (const Detection& detection : found.detections) {
    texts.push_back(label_text(names, detection.label, detection.score));
  }
  return texts;
}

// The labels lie on top.
Tensor draw_look(const Look& look, const std::vector<std::string>& texts) {
  std::vector<DrawnMask> masks;
  std::vector<DrawnKeypoints> objects;
  std::vector<DrawnBox> boxes;
  for (std::size_t k = 0; k < look.found.detections.size(); ++k) {
    const Detection& detection = look.found.detections[k];
    boxes.push_back({detection.box, texts[k], detection.label});
    if (!look.masks.empty()) masks.push_back({look.masks[k], detection.label});
    if (detection.keypoints.empty()) continue;
    DrawnKeypoints& object = objects.emplace_back();
    object.colour = detection.label;
    for (const Keypoint& point : detection.keypoints) object.points.push_back({point.x, point.y});
  }
  Tensor picture = look.pixels;
  if (!masks.empty()) picture = draw_masks(picture, masks);
  if (!objects.empty()) picture = draw_keypoints(picture, objects);
  return draw_boxes(picture, boxes);
}

}  // namespace tv2onnx
