#pragma once
// onnx's own checker with strict shape inference (libonnx), for files that tests write.

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tv2onnx::testing {

/// False if this build has no libonnx, or one that does not know the opset.
bool onnx_checker_knows(int opset);

/// "" if onnx's checker and shape inference accept the file, else their message. Also "" if the
/// checker does not know the file's opset: ask onnx_checker_knows() where that matters.
std::string check_with_onnx(const std::filesystem::path& path);

/// Values whose shape onnx's shape inference does not find as numbers. Empty if this build has no
/// libonnx.
std::vector<std::string> values_without_fixed_shape(const std::filesystem::path& path);

/// How many inputs and outputs onnx's schema wants at least; nullopt if this build has no libonnx,
/// or one that does not know the operator in that opset.
std::optional<std::pair<int, int>> least_arity(const std::string& op, int opset);

}  // namespace tv2onnx::testing
