#pragma once
// Does a rebuilt file find what the foreign one finds, where that one works?

#include <filesystem>
#include <functional>
#include <vector>

#include "nn/image_transform.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/verify.h"

namespace tv2onnx::doctor {

struct Equality {
  std::vector<ProofRow> rows;
  std::size_t compared = 0;    ///< images that the foreign file could be run on
  std::size_t detections = 0;  ///< that it found on them
};

/// A detector file of torch.onnx.export, also one that was traced with several images and has three
/// outputs for each. \throws Error R001, R002, R007 (its input is no image).
Detector foreign_detector(const std::filesystem::path& path);

/// The size that graphs of torch.onnx.export resize an image to: all in float32, unlike any
/// torchvision.
ImageSize traced_size(const ImageSize& size, const TransformSpec& spec);

/// Images for the foreign file at sizes that both resize alike. If the only size that it takes is
/// resized otherwise, that size all the same.
std::vector<InputCase> inputs_for(const Detector& foreign, const TransformSpec& spec,
                                  const std::vector<Tensor>& photos);

/// Runs both; a step is one image. \throws Error D112: they find different things; X003.
Equality require_equal(const Detector& foreign, const std::filesystem::path& rebuilt,
                       const std::vector<InputCase>& inputs, const CallControl& control = {});

}  // namespace tv2onnx::doctor
