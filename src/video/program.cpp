#include "video/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "tv2onnx/error.h"

extern char** environ;

namespace tv2onnx {
namespace {

[[noreturn]] void fail_to_start(const std::string& name, int error) {
  if (error == ENOENT || error == EACCES) {
    throw Error({.code = "I006",
                 .found = fmt::format("the program {} was not found", name),
                 .expected = "ffmpeg in PATH: videos are read and written by it",
                 .hint = "install it: apt install ffmpeg, brew install ffmpeg or winget install "
                         "ffmpeg"});
  }
  throw Error({.code = "X001",
               .found = fmt::format("{} cannot be started: {}", name, std::strerror(error))});
}

/// Reader and writer.
std::array<PipeEnd, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail_to_start("a pipe", errno == ENOENT ? EIO : errno);
  return {PipeEnd(ends[0]), PipeEnd(ends[1])};
}

/// What posix_spawn does in the child, freed with the object.
struct SpawnPlan {
  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};

  SpawnPlan() {
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    // A writer whose reader has gone must end, whatever this process does with that signal.
    sigset_t standard;
    sigemptyset(&standard);
    sigaddset(&standard, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &standard);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  void attach(const PipeEnd& end, int stream) {
    posix_spawn_file_actions_adddup2(&files, end.value(), stream);
  }
};

}  // namespace

PipeEnd::PipeEnd(PipeEnd&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

PipeEnd& PipeEnd::operator=(PipeEnd&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

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

Program start_program(const std::vector<std::string>& words, ProgramPipes pipes) {
  Program program;
  SpawnPlan plan;
  std::array<PipeEnd, 2> input;
  std::array<PipeEnd, 2> output;
  std::array<PipeEnd, 2> errors = make_pipe();
  if (pipes.input) plan.attach((input = make_pipe())[0], STDIN_FILENO);
  if (pipes.output) plan.attach((output = make_pipe())[1], STDOUT_FILENO);
  plan.attach(errors[1], STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int problem = ::posix_spawnp(&program.process, arguments[0], &plan.files, &plan.attributes,
                                     arguments.data(), environ);
  if (problem != 0) fail_to_start(words.front(), problem);
  program.input = std::move(input[1]);
  program.output = std::move(output[0]);
  program.errors = std::move(errors[0]);
  return program;
}

int wait_for_program(Program& program) {
  int status = 0;
  while (::waitpid(program.process, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  program.process = 0;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace tv2onnx
