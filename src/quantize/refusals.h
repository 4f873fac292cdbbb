#pragma once
// What cannot be quantised, and says why.

#include <filesystem>
#include <string>
#include <vector>

#include "onnx/model.h"
#include "quantize/recipe.h"
#include "tv2onnx/quantize.h"
#include "tv2onnx/task.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx {

/// \throws Error U003: the file has weights or layers of fewer bits already.
void refuse_quantised(const OnnxModel& model, const std::filesystem::path& path);
/// \throws Error U003: both are one file; O004: the output is there and shall not be overwritten.
void refuse_output(const std::filesystem::path& model, const std::filesystem::path& output,
                   bool overwrite);
/// What the file is for. \throws Error R007: a task that is not quantised, or a file that is
/// neither of tv2onnx export nor a detector; U002: an opset without what the recipe needs.
Task require_known(const OnnxModel& model, const std::filesystem::path& path, Recipe recipe);
/// \throws Error R007.
void require_layers(const ChosenLayers& chosen, const OnnxModel& model,
                    const std::filesystem::path& path, Recipe recipe);
/// \throws Error U003: annotations for what is no detector.
void require_measurable(Task task, const QuantizeOptions& options,
                        const std::filesystem::path& path);
/// \throws Error U002: there are fewer than kFewestPhotos.
void require_enough(std::size_t photos);
bool is_blank(const Tensor& photo);

}  // namespace tv2onnx
