#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "base/platform_process.h"

namespace tv2onnx::platform {
namespace {

/// What the child needs, made before there is one.
struct Plan {
  char* const* words = nullptr;
  Streams streams;
  bool ends_with_this = false;
  pid_t parent = 0;
  int report = -1;  ///< gets the error if the program cannot be started; else it is closed
};

/// In the child, where only async-signal-safe functions may be called.
[[noreturn]] void become(const Plan& plan) {
  if (plan.ends_with_this) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != plan.parent) ::_exit(1);  // it died before the line above
  }
  // A writer whose reader has gone must end, whatever this process does with that signal.
  ::signal(SIGPIPE, SIG_DFL);
  const std::array given{plan.streams.input, plan.streams.output, plan.streams.errors};
  for (int stream = 0; stream < 3; ++stream) {
    if (given[static_cast<std::size_t>(stream)] >= 0) {
      ::dup2(given[static_cast<std::size_t>(stream)], stream);
    }
  }
  ::execvp(plan.words[0], plan.words);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(plan.report, &error, sizeof error);
  ::_exit(1);
}

}  // namespace

void PipeEnd::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

std::size_t PipeEnd::read(char* buffer, std::size_t size) const {
  while (true) {
    const ssize_t count = ::read(descriptor_, buffer, size);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return 0;
  }
}

bool PipeEnd::wait(int milliseconds) const {
  pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, milliseconds) > 0;
}

bool PipeEnd::write(const char* bytes, std::size_t size) const {
  while (size > 0) {
    const ssize_t count = ::write(descriptor_, bytes, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

int make_pipe(Pipe& pipe) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno;
  pipe = {PipeEnd(ends[0]), PipeEnd(ends[1])};
  return 0;
}

Started start_process(const std::vector<std::string>& words, const Streams& streams,
                      bool ends_with_this) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  Pipe report;
  if (const int error = make_pipe(report); error != 0) return {.error = error};
  const Plan plan{arguments.data(), streams, ends_with_this, ::getpid(), report.writer.value()};
  const pid_t child = ::fork();
  if (child < 0) return {.error = errno};
  if (child == 0) become(plan);
  report.writer.close();
  int error = 0;
  if (report.reader.read(reinterpret_cast<char*>(&error), sizeof error) != sizeof error) {
    return {.process = child};
  }
  wait_for_process(child);
  return {.error = error};
}

int wait_for_process(std::intptr_t process) {
  int status = 0;
  while (::waitpid(static_cast<pid_t>(process), &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void kill_process(std::intptr_t process) {
  ::kill(static_cast<pid_t>(process), SIGKILL);
}

}  // namespace tv2onnx::platform
