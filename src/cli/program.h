#pragma once
// The command line as a function, which the program and the Python package call.

namespace tv2onnx::cli {

/// Runs the command of a process that does nothing else: signals and limits are those of the
/// process. Returns its exit code.
int run_program(int argc, char** argv);

}  // namespace tv2onnx::cli
