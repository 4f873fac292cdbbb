#pragma once
// Writing models.

#include <cstddef>
#include <filesystem>
#include <vector>

#include "base/output_file.h"
#include "onnx/model.h"

namespace tv2onnx {

/// Writes the model to a file that has its name only when it is complete. Weights are streamed from
/// where they lie; those beside a model of more than `max_bytes` go to `PATH.data`. The same model
/// gives the same bytes. \throws Error O003, O004.
WriteReport write_onnx(const OnnxModel& model, const std::filesystem::path& path,
                       const WriteOptions& options);

/// The same bytes in memory. \throws Error O003: the model needs external data.
std::vector<std::byte> write_onnx(const OnnxModel& model, const WriteOptions& options);

/// Hands the model to a sink, with external data only where it has them already.
void write_onnx_model(const OnnxModel& model, const ByteSink& sink);

}  // namespace tv2onnx
