#pragma once
// What cannot be quantised, and says why.

#include <filesystem>
#include <string>
#include <vector>

#include "onnx/model.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx {

/// \throws Error U003: the file has weights or layers of fewer bits already.
void refuse_quantised(const OnnxModel& model, const std::filesystem::path& path);
/// \throws Error U003: both are one file; O004: the output is there and shall not be overwritten.
void refuse_output(const std::filesystem::path& model, const std::filesystem::path& output,
                   bool overwrite);
/// \throws Error R007: no detector of tv2onnx export; U002: an opset without scales per channel.
void require_own_detector(const OnnxModel& model, const std::filesystem::path& path);
/// \throws Error U002: there are fewer than kFewestPhotos.
void require_enough(std::size_t photos);
bool is_blank(const Tensor& photo);

}  // namespace tv2onnx
