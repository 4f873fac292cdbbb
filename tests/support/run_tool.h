#pragma once
// Runs the command line tool as a user does.

#include <string>

namespace tv2onnx::testing {

struct ToolResult {
  int exit_code = -1;  ///< -1: it did not exit by itself
  std::string out;
  std::string err;
};

/// `arguments` go through the shell: quote what needs it. `input` is the file that it reads from.
ToolResult run_tool(const std::string& arguments, const std::string& input = "/dev/null");

}  // namespace tv2onnx::testing
