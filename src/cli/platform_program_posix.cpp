#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <string_view>

#include "base/output_file.h"
#include "cli/platform_program.h"

namespace tv2onnx::cli {
namespace {

constexpr int kLimitReached = 4;

/// An interrupt leaves no half-written file behind, and the shell sees that it was one.
void end_by_signal(int signal) {
  remove_unfinished_outputs();
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  sigaction(signal, &standard, nullptr);
  raise(signal);
}

void handle_signals() {
  struct sigaction action {};
  action.sa_handler = end_by_signal;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
  // A file size limit then is an error of write(), as a full disk is.
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGXFSZ, &ignore, nullptr);
  // That nobody reads the log ends nothing; flush_answer() sees to the answer.
  sigaction(SIGPIPE, &ignore, nullptr);
}

/// A file that gets the number of a closed standard stream would get what is printed there. What is
/// written to a closed stdout must fail, so its number is taken by something that cannot be
/// written.
void occupy_closed_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) >= 0) continue;
    [[maybe_unused]] const int taken =
        open("/dev/null", stream == STDOUT_FILENO ? O_RDONLY : O_RDWR);
  }
}

sigset_t held_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

/// What runs has no way to end a run from outside, so the program ends.
void end_by_time_limit(int /*signal*/) {
  remove_unfinished_outputs();
  constexpr std::string_view kMessage = "error[X003]: the time limit was reached (--time-limit)\n";
  [[maybe_unused]] const auto ignored = write(STDERR_FILENO, kMessage.data(), kMessage.size());
  _exit(kLimitReached);
}

}  // namespace

Words words_of(int argc, char** argv) {
  return Words({argv, argv + argc});
}

void prepare_process() {
  occupy_closed_streams();
  handle_signals();
}

// Threads inherit it.
void hold_interrupts() {
  const sigset_t signals = held_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void wait_for_interrupt() {
  const sigset_t signals = held_signals();
  int signal = 0;
  sigwait(&signals, &signal);
}

void apply_limits(unsigned seconds, std::uint64_t mebibytes) {
  if (seconds > 0) {
    struct sigaction action {};
    action.sa_handler = end_by_time_limit;
    sigaction(SIGALRM, &action, nullptr);
    alarm(seconds);
  }
  if (mebibytes > 0) {
    const rlim_t bytes = mebibytes << 20U;
    const rlimit limit{bytes, bytes};
    setrlimit(RLIMIT_DATA, &limit);
  }
}

std::uint64_t peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

void end_as_nobody_reads() {
  std::signal(SIGPIPE, SIG_DFL);
  std::raise(SIGPIPE);
}

}  // namespace tv2onnx::cli
