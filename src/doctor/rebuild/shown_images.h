#pragma once
// What two networks are shown that shall be compared.

#include <cstddef>
#include <vector>

#include "tv2onnx/contract.h"
#include "tv2onnx/port.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx::doctor {

/// What is shown.
struct Shown {
  ImageSize size{};
  std::size_t scene = 0;
  float contrast = 1;
};

/// \throws Error D112 unless all are [n, channels, (time,) height, width].
void require_images(const std::vector<PortInfo>& ports);

/// Scenes, as drawn for detectors, shown to every channel and frame. Normalised roughly.
Tensor drawn(const PortInfo& port, const Shown& shown);

}  // namespace tv2onnx::doctor
