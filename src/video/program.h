#pragma once
// Another program with pipes: what goes into ffmpeg, what comes out, and its log.

#include <sys/types.h>

#include <string>
#include <vector>

namespace tv2onnx {

/// An end of a pipe, closed with the object.
class PipeEnd {
 public:
  explicit PipeEnd(int descriptor = -1) : descriptor_(descriptor) {}
  ~PipeEnd() { close(); }
  PipeEnd(PipeEnd&& other) noexcept;
  PipeEnd& operator=(PipeEnd&& other) noexcept;

  int value() const { return descriptor_; }
  void close();
  /// Bytes read into the buffer; 0 at the end. An interrupted call is repeated.
  std::size_t read(char* buffer, std::size_t size) const;
  /// False once nobody reads.
  bool write(const char* bytes, std::size_t size) const;

 private:
  int descriptor_;
};

/// A running program. It ends when its pipes do: at the latest with this process.
struct Program {
  pid_t process = 0;
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
