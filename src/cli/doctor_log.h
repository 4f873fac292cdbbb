#pragma once
// tv2onnx doctor --log: what an error message means.

#include <string>

namespace tv2onnx::cli {

/// `log` is a message, the path of a file, or "-" for the standard input. Returns the exit code: 1
/// if no line has a known error.
int run_doctor_log(const std::string& log, bool json);

}  // namespace tv2onnx::cli
