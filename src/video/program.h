#pragma once
// Another program with pipes: what goes into ffmpeg, what comes out, and its log.

#include <cstdint>
#include <string>
#include <vector>

#include "base/platform_process.h"

namespace tv2onnx {

using platform::PipeEnd;

/// A running program. It ends when its pipes do: at the latest with this process.
struct Program {
  std::intptr_t process = 0;
  PipeEnd input;   ///< to its stdin, if asked for; else that is this process's own
  PipeEnd output;  ///< from its stdout, if asked for
  PipeEnd errors;  ///< from its stderr
};

struct ProgramPipes {
  bool input = false;
  bool output = false;
};

/// Starts `words`, the first of which is searched in PATH. \throws Error I006 (there is no such
/// program), X001 (no more processes).
Program start_program(const std::vector<std::string>& words, ProgramPipes pipes);
/// Waits for its end. Its exit code, or 128 + N if signal N ended it.
int wait_for_program(Program& program);

}  // namespace tv2onnx
