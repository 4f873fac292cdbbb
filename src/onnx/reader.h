#pragma once
// The part of read_onnx_summary that needs no file.

#include <cstddef>
#include <span>

#include "tv2onnx/onnx.h"

namespace tv2onnx {

/// What the ONNX model in `bytes` declares. Time is linear in the size; memory is bounded by the
/// size of the names plus a constant. \throws Error O001, O002, with an offset but without a file.
OnnxSummary summarize_onnx(std::span<const std::byte> bytes);

}  // namespace tv2onnx
