#pragma once
// What an 8-bit file is worth beside the original.

#include <cstddef>
#include <functional>

#include "quantize/loaded_model.h"

namespace tv2onnx {

struct Judgement {
  Kept kept;
  double speed = 0;  ///< times as fast
};

/// Runs of both alternate, so that what else the machine does hits both alike.
Judgement judge(const LoadedModel& original, const LoadedModel& quantised, std::size_t count,
                const std::function<Tensor(std::size_t k)>& image);

}  // namespace tv2onnx
