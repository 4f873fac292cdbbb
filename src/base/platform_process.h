#pragma once
// Other programs and pipes to them, without a shell; see platform_files.h.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tv2onnx::platform {

/// An end of a pipe, closed with the object.
class PipeEnd {
 public:
  explicit PipeEnd(int descriptor = -1) : descriptor_(descriptor) {}
  ~PipeEnd() { close(); }
  PipeEnd(PipeEnd&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  PipeEnd& operator=(PipeEnd&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

  int value() const { return descriptor_; }
  void close();
  /// Bytes read into the buffer; 0 at the end. An interrupted call is repeated.
  std::size_t read(char* buffer, std::size_t size) const;
  /// Whether there is something to read, or the end, within a time; a negative one has no limit.
  bool wait(int milliseconds) const;
  /// False once nobody reads.
  bool write(const char* bytes, std::size_t size) const;

 private:
  int descriptor_;
};

struct Pipe {
  PipeEnd reader;
  PipeEnd writer;
};
/// 0 or an error.
int make_pipe(Pipe& pipe);

/// Descriptors that become a program's standard streams; -1: this process's own.
struct Streams {
  int input = -1;
  int output = -1;
  int errors = -1;
};

struct Started {
  std::intptr_t process = 0;  ///< to be waited for
  int error = 0;              ///< not 0: it was not started
};

/// Starts `words`, the first of which is searched in PATH.
/// \param ends_with_this also when the thread that calls this is killed; else at the latest when it
/// uses a pipe to it
Started start_process(const std::vector<std::string>& words, const Streams& streams,
                      bool ends_with_this);
/// Its exit code, or 128 + N if signal N ended it; -1 if there is no such process.
int wait_for_process(std::intptr_t process);
/// At once. It is still to be waited for.
void kill_process(std::intptr_t process);

}  // namespace tv2onnx::platform
