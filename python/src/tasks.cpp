// Segmentation, optical flow and video.

#include "runner.h"
#include "tv2onnx/flow.h"
#include "tv2onnx/segmenter.h"
#include "tv2onnx/verify_classes.h"
#include "tv2onnx/verify_maps.h"
#include "tv2onnx/video_classifier.h"

namespace tv2onnx::python {
namespace {

nb::list segment_in(const Segmenter& segmenter, const ArrayIn& images) {
  const Tensor input = tensor_of(images);
  const std::vector<LabelMap> found =
      without_gil([&](const CallControl&) { return segmenter.run(input); });
  nb::list results;
  for (const LabelMap& one : found) {
    nb::dict result;
    result["labels"] = array_of(one.labels);
    if (one.logits.data != nullptr) result["logits"] = array_of(one.logits);
    if (one.aux.data != nullptr) result["aux"] = array_of(one.aux);
    results.append(result);
  }
  return results;
}

nb::object flow_between(const Flow& flow, const ArrayIn& first, const ArrayIn& second) {
  const Tensor before = tensor_of(first);
  const Tensor after = tensor_of(second);
  return array_of(without_gil([&](const CallControl&) { return flow.run(before, after); }));
}

nb::dict classify_clip(const VideoClassifier& classifier, const ArrayIn& frames) {
  const Tensor clip = tensor_of(frames);
  return arrays_of(without_gil([&](const CallControl&) { return classifier.run(clip); }));
}

}  // namespace

nb::dict arrays_of(const Classification& classes) {
  std::vector<std::int64_t> labels;
  std::vector<float> scores;
  for (const ScoredClass& row : classes.best) {
    labels.push_back(row.label);
    scores.push_back(row.score);
  }
  const auto count = static_cast<std::int64_t>(labels.size());
  const auto logits = static_cast<std::int64_t>(classes.logits.size());
  nb::dict result;
  result["labels"] = array_of(make_tensor({count}, std::move(labels)));
  result["scores"] = array_of(make_tensor({count}, std::move(scores)));
  if (logits > 0) result["logits"] = array_of(make_tensor({logits}, classes.logits));
  nb::list features;
  for (const Tensor& feature : classes.features) features.append(array_of(feature));
  result["features"] = features;
  return result;
}

void bind_tasks(nb::module_& module) {
  bind_runner<Segmenter>(module, "Segmenter")
      .def("verify_json", &verify_json<Segmenter, VerifyMapsOptions>, nb::arg("against"),
           nb::arg("images"), nb::arg("trust"), nb::arg("record"), nb::arg("progress").none())
      .def("run", &segment_in, nb::arg("images"), "The class of each pixel, as arrays.");
  bind_runner<Flow>(module, "Flow")
      .def("verify_json", &verify_json<Flow, VerifyMapsOptions>, nb::arg("against"),
           nb::arg("images"), nb::arg("trust"), nb::arg("record"), nb::arg("progress").none())
      .def("run", &flow_between, nb::arg("first"), nb::arg("second"), "How far pixels moved.");
  bind_runner<VideoClassifier>(module, "VideoClassifier")
      .def_prop_ro("frames", &VideoClassifier::frames)
      .def("verify_json", &verify_json<VideoClassifier, VerifyClassesOptions>, nb::arg("against"),
           nb::arg("images"), nb::arg("trust"), nb::arg("record"), nb::arg("progress").none())
      .def("run", &classify_clip, nb::arg("frames"), "The classes of a clip, as arrays.");
}

}  // namespace tv2onnx::python
