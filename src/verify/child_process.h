#pragma once
// Running another program without a shell.

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace tv2onnx {

struct ChildResult {
  bool started = false;  ///< false: there is no such program
  int exit_code = 0;     ///< 128 + N if signal N ended it
  std::string log;       ///< what it wrote to stderr, the last 16 KiB
};

/// Runs `arguments` (the first is the program, searched in PATH) and waits for it. Its stdout goes
/// to the file descriptor `output`, its stderr line by line to `log` (may be null). It ends with
/// this process, also when that is killed, and is killed once `cancel` is requested to stop.
/// \throws Error X001 if the system has no processes left.
ChildResult run_child(const std::vector<std::string>& arguments, int output,
                      const std::function<void(std::string_view line)>& log,
                      const std::stop_token& cancel = {});

}  // namespace tv2onnx
