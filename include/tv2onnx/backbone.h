#pragma once
/// \file
/// Running a backbone that is an ONNX file of its own, see BackboneFile.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/runtime.h"
#include "tv2onnx/tensor.h"

namespace TV2ONNX_API tv2onnx {

/// What BackboneFile::measure shall be: runs the file on blank images of a shape and returns the
/// shapes of its outputs. The file is `bytes`, if there are any, which must outlive the function,
/// and `path` stands for it in errors. ONNX Runtime is not loaded before the first call.
/// The function throws Error as Session and Session::run.
std::function<std::vector<Shape>(const Shape& images)> run_backbone(
    const std::filesystem::path& path, std::span<const std::byte> bytes,
    const SessionOptions& options);

}  // namespace TV2ONNX_API tv2onnx
