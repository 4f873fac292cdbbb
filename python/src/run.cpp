// Running files on arrays; drawing and COCO's form of what was found; verification.

#include <algorithm>
#include <memory>

#include "runner.h"
#include "tv2onnx/classifier.h"
#include "tv2onnx/coco.h"
#include "tv2onnx/detect.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/masks.h"
#include "tv2onnx/verify.h"
#include "tv2onnx/verify_classes.h"

namespace tv2onnx::python {
namespace {

nb::list detect_in(const Detector& detector, const ArrayIn& images) {
  const Tensor input = tensor_of(images);
  const std::vector<Detections> found =
      without_gil([&](const CallControl&) { return detector.run(input); });
  nb::list results;
  for (const Detections& one : found) results.append(arrays_of(tv2onnx::tensors_of(one)));
  return results;
}

nb::list classify_in(const Classifier& classifier, const ArrayIn& images) {
  const Tensor input = tensor_of(images);
  const std::vector<Classification> found =
      without_gil([&](const CallControl&) { return classifier.run(input); });
  nb::list results;
  for (const Classification& one : found) results.append(arrays_of(one));
  return results;
}

std::vector<PixelMask> masks_of(const Detections& detections, const ImageSize& size) {
  std::vector<PixelMask> masks;
  for (const Detection& one : detections) {
    if (one.mask) masks.push_back(pixel_mask(*one.mask, one.box, size));
  }
  return masks;
}

/// uint8 [1, height, width, 3] with what was found on it; the texts are those of the boxes.
nb::object draw(const ArrayIn& image, const nb::dict& found,
                const std::vector<std::string>& texts) {
  const Detections detections = detections_of(tensors_of(found)).detections;
  Tensor picture = tensor_of(image);
  std::vector<DrawnMask> masks;
  std::vector<DrawnKeypoints> objects;
  std::vector<DrawnBox> boxes;
  for (std::size_t k = 0; k < detections.size(); ++k) {
    boxes.push_back({detections[k].box, texts.at(k), detections[k].label});
    if (detections[k].keypoints.empty()) continue;
    objects.push_back({.points = {}, .colour = detections[k].label});
    for (const Keypoint& one : detections[k].keypoints)
      objects.back().points.push_back({one.x, one.y});
  }
  for (PixelMask& mask : masks_of(detections, {picture.shape[1], picture.shape[2]})) {
    masks.push_back({std::move(mask), detections[masks.size()].label});
  }
  if (!masks.empty()) picture = draw_masks(picture, masks);
  if (!objects.empty()) picture = draw_keypoints(picture, objects);
  return array_of(draw_boxes(picture, boxes));
}

std::string coco_json(const nb::dict& found, std::int64_t image, std::int64_t height,
                      std::int64_t width) {
  const ImageSize size{height, width};
  const Detections detections = detections_of(tensors_of(found)).detections;
  std::vector<Segmentation> segmentations;
  for (const PixelMask& mask : masks_of(detections, size)) {
    segmentations.push_back(segmentation_of(mask, size, MaskFormat::kRle));
  }
  const CocoImage one{image, detections, segmentations};
  return coco_results({&one, 1});
}

/// uint8 [n, height, width], 1 where each object is.
nb::object pixel_masks(const nb::dict& found, std::int64_t height, std::int64_t width) {
  const Detections detections = detections_of(tensors_of(found)).detections;
  const std::vector<PixelMask> masks = masks_of(detections, {height, width});
  const auto pixels = static_cast<std::size_t>(height * width);
  std::vector<std::uint8_t> inside(masks.size() * pixels);
  for (std::size_t k = 0; k < masks.size(); ++k) {
    const PixelMask& mask = masks[k];
    const auto row = static_cast<std::size_t>(mask.inside.shape[1]);
    for (std::int64_t y = 0; y < mask.inside.shape[0]; ++y) {
      const auto at = k * pixels + static_cast<std::size_t>((mask.y + y) * width + mask.x);
      std::copy_n(mask.inside.as<std::uint8_t>().data() + static_cast<std::size_t>(y) * row, row,
                  inside.data() + at);
    }
  }
  return array_of(
      make_tensor({static_cast<std::int64_t>(masks.size()), height, width}, std::move(inside)));
}

}  // namespace

void bind_run(nb::module_& module) {
  bind_runner<Detector>(module, "Detector")
      .def("run", &detect_in, nb::arg("images"), "What was found in each image, as arrays.")
      .def("verify_json", &verify_json<Detector, VerifyOptions>, nb::arg("against"),
           nb::arg("images"), nb::arg("trust"), nb::arg("record"), nb::arg("progress").none());
  bind_runner<Classifier>(module, "Classifier")
      .def_prop_ro("assumption", &Classifier::assumption)
      .def("run", &classify_in, nb::arg("images"), "The classes of each image, as arrays.")
      .def("verify_json", &verify_json<Classifier, VerifyClassesOptions>, nb::arg("against"),
           nb::arg("images"), nb::arg("trust"), nb::arg("record"), nb::arg("progress").none());
  module.def("draw", &draw, nb::arg("image"), nb::arg("found"), nb::arg("texts"));
  module.def("coco_json", &coco_json, nb::arg("found"), nb::arg("image_id"), nb::arg("height"),
             nb::arg("width"));
  module.def("pixel_masks", &pixel_masks, nb::arg("found"), nb::arg("height"), nb::arg("width"));
  module.def(
      "task_of_file",
      [](const std::string& path) { return std::string(task_name(task_of_file(path))); },
      nb::arg("path"), "What the file is for: detection, classification, ...");
}

}  // namespace tv2onnx::python
