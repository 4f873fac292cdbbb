#pragma once
// What an 8-bit detector is worth beside the original.

#include <cstddef>
#include <functional>

#include "run/kept.h"
#include "tv2onnx/detector.h"

namespace tv2onnx {

struct Judgement {
  Kept kept;
  double speed = 0;  ///< times as fast
};

/// Runs of both alternate, so that what else the machine does hits both alike.
Judgement judge(const Detector& original, const Detector& quantised, std::size_t count,
                const std::function<Tensor(std::size_t k)>& image);

}  // namespace tv2onnx
