#include "tv2onnx/detect.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "run/each_image.h"
#include "tv2onnx/masks.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;

/// The photo with everything that was found; the labels lie on top.
Tensor drawn(Tensor picture, const FoundImage& result, const std::vector<PixelMask>& masks,
             const std::vector<std::string>& names) {
  std::vector<DrawnMask> drawn_masks;
  std::vector<DrawnKeypoints> objects;
  std::vector<DrawnBox> boxes;
  for (std::size_t k = 0; k < result.detections.size(); ++k) {
    const Detection& detection = result.detections[k];
    boxes.push_back(
        {detection.box, label_text(names, detection.label, detection.score), detection.label});
    if (!masks.empty()) drawn_masks.push_back({masks[k], detection.label});
    if (detection.keypoints.empty()) continue;
    DrawnKeypoints& object = objects.emplace_back();
    object.colour = detection.label;
    for (const Keypoint& point : detection.keypoints) object.points.push_back({point.x, point.y});
  }
  if (!drawn_masks.empty()) picture = draw_masks(picture, drawn_masks);
  if (!objects.empty()) picture = draw_keypoints(picture, objects);
  return draw_boxes(picture, boxes);
}

/// The masks of the detections as pixels; the probabilities are given up.
std::vector<PixelMask> take_masks(FoundImage& result, double threshold) {
  std::vector<PixelMask> masks;
  for (Detection& detection : result.detections) {
    if (!detection.mask) continue;
    masks.push_back(
        pixel_mask(*detection.mask, detection.box, {result.height, result.width}, threshold));
    detection.mask.reset();
  }
  return masks;
}

/// As found_image(); `masks` gets the pixels.
FoundImage found_in(Detections detections, const ImageSize& size, const DetectOptions& options,
                    std::vector<PixelMask>& masks) {
  FoundImage result{{}, size[1], size[0], std::move(detections), {}, {}};
  std::erase_if(result.detections, [&](const Detection& detection) {
    return !(detection.score >= static_cast<float>(options.score));
  });
  masks = take_masks(result, options.mask_threshold);
  for (const PixelMask& mask : masks) {
    result.segmentations.push_back(segmentation_of(mask, size, options.mask_format));
  }
  return result;
}

/// An error that concerns this image alone is part of the result.
FoundImage detect_in(const Detector& detector, const fs::path& image, const fs::path& target,
                     const DetectOptions& options) {
  FoundImage failed;
  failed.file = image;
  return or_error(failed, [&] {
    const Tensor pixels = read_image(image, options.image);
    std::vector<PixelMask> masks;
    FoundImage result =
        found_in(detector.run(pixels)[0], {pixels.shape[1], pixels.shape[2]}, options, masks);
    result.file = image;
    if (!target.empty()) {
      write_picture(drawn(pixels, result, masks, options.class_names), target, options.overwrite);
    }
    return result;
  });
}

}  // namespace

FoundImage found_image(Detections detections, const ImageSize& size, const DetectOptions& options) {
  std::vector<PixelMask> masks;
  return found_in(std::move(detections), size, options, masks);
}

DetectReport detect(const Detector& detector, const std::vector<fs::path>& images,
                    const DetectOptions& options) {
  DetectReport report{.model = detector.session().file(),
                      .architecture = detector.contract().architecture,
                      .score = options.score,
                      .class_names = options.class_names,
                      .images = {}};
  require_pictures(options.pictures.size(), images.size());
  report.images =
      each_result(images, std::identity(), options.control, options.found, [&](std::size_t k) {
        return detect_in(detector, images[k], target_of(options.pictures, k), options);
      });
  return report;
}

}  // namespace tv2onnx
