#include "verify/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr int kNotStarted = 127;  // as shells say it
constexpr std::size_t kKeptLog = 16384;
constexpr std::size_t kLongestLine = 16384;  // what is longer is handed out in parts

[[noreturn]] void fail(const char* action) {
  throw Error(
      {.code = "X001",
       .found = fmt::format("cannot {} for a child process: {}", action, std::strerror(errno))});
}

/// Two ends of a pipe, closed when done with.
class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) fail("make a pipe");
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_writer() { close_end(1); }

 private:
  void close_end(std::size_t end) {
    if (ends_[end] >= 0) ::close(ends_[end]);
    ends_[end] = -1;
  }
  std::array<int, 2> ends_{-1, -1};
};

/// In the child, where only async-signal-safe functions may be called.
[[noreturn]] void become(char* const* arguments, int output, int errors, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(kNotStarted);  // it died before the line above
  ::dup2(output, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  ::execvp(arguments[0], arguments);
  ::_exit(kNotStarted);
}

/// Hands out complete lines and keeps the end of the whole text, in time that grows with the text
/// and in memory that does not.
class Log {
 public:
  explicit Log(const std::function<void(std::string_view)>& sink) : sink_(sink) {}

  void add(std::string_view text) {
    kept_ += text;
    if (kept_.size() > 2 * kKeptLog) kept_.erase(0, kept_.size() - kKeptLog);
    for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos;) {
      line_ += text.substr(0, end);
      hand_out();
      text.remove_prefix(end + 1);
    }
    line_ += text;
    if (line_.size() >= kLongestLine) hand_out();
  }
  std::string take() {
    if (kept_.size() > kKeptLog) kept_.erase(0, kept_.size() - kKeptLog);
    return std::move(kept_);
  }

 private:
  void hand_out() {
    if (sink_) sink_(line_);
    line_.clear();
  }

  const std::function<void(std::string_view)>& sink_;
  std::string line_;
  std::string kept_;
};

/// True if there is something to read, or the end; false if `cancel` says stop.
bool wait_to_read(int reader, const std::stop_token& cancel) {
  // A token that cannot be asked to stop needs no looking up from time to time.
  const int milliseconds = cancel.stop_possible() ? 50 : -1;
  pollfd waiting{.fd = reader, .events = POLLIN, .revents = 0};
  while (!cancel.stop_requested()) {
    if (::poll(&waiting, 1, milliseconds) > 0) return true;
  }
  return false;
}

/// Reads until the end, or until `cancel` says stop.
void drain(int reader, Log& log, const std::stop_token& cancel) {
  std::array<char, 4096> buffer{};
  while (wait_to_read(reader, cancel)) {
    const ssize_t count = ::read(reader, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    log.add({buffer.data(), static_cast<std::size_t>(count)});
  }
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) fail("wait");
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

ChildResult run_child(const std::vector<std::string>& arguments, int output,
                      const std::function<void(std::string_view line)>& log,
                      const std::stop_token& cancel) {
  std::vector<char*> words;
  for (const std::string& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  Pipe errors;
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) fail("fork");
  if (child == 0) become(words.data(), output, errors.writer(), parent);
  errors.close_writer();
  Log kept(log);
  drain(errors.reader(), kept, cancel);
  if (cancel.stop_requested()) ::kill(child, SIGKILL);
  ChildResult result;
  result.exit_code = wait_for(child);
  result.started = result.exit_code != kNotStarted;
  result.log = kept.take();
  return result;
}

}  // namespace tv2onnx
