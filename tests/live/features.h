#pragma once
// Feature maps that torchvision gave and what it made of them, recorded by
// tests/gen/live_detectors.py.

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tv2onnx/checkpoint.h"
#include "tv2onnx/detector.h"

namespace tv2onnx::testing {

struct RecordedFeatures {
  Checkpoint weights;
  Checkpoint arrays;

  std::set<std::string> cases() const {
    std::set<std::string> names;
    for (const NamedTensor& array : arrays.tensors) {
      names.insert(array.name.substr(0, array.name.find('/')));
    }
    return names;
  }
};

inline RecordedFeatures recorded_features(const std::string& name) {
  return {open_checkpoint(TV2ONNX_LIVE_DIR "/" + name + ".pth"),
          open_checkpoint(TV2ONNX_LIVE_DIR "/" + name + "_features.safetensors")};
}

inline Detections detections_of(const Tensor& boxes, const Tensor& labels, const Tensor& scores) {
  Detections found(static_cast<std::size_t>(scores.size()));
  const std::vector<float> corners = to_float(boxes);
  const std::vector<float> probabilities = to_float(scores);
  const std::vector<std::int64_t> classes = to_int64(labels);
  for (std::size_t k = 0; k < found.size(); ++k) {
    std::copy_n(corners.begin() + static_cast<std::ptrdiff_t>(4 * k), 4, found[k].box.begin());
    found[k].label = classes[k];
    found[k].score = probabilities[k];
  }
  return found;
}

}  // namespace tv2onnx::testing
