#include "video/program.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "tv2onnx/error.h"

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

platform::Pipe new_pipe() {
  platform::Pipe pipe;
  const int error = platform::make_pipe(pipe);
  if (error != 0) fail_to_start("a pipe", error == ENOENT ? EIO : error);
  return pipe;
}

}  // namespace

Program start_program(const std::vector<std::string>& words, ProgramPipes pipes) {
  platform::Pipe input;
  platform::Pipe output;
  platform::Pipe errors = new_pipe();
  if (pipes.input) input = new_pipe();
  if (pipes.output) output = new_pipe();
  const platform::Streams streams{.input = input.reader.value(),
                                  .output = output.writer.value(),
                                  .errors = errors.writer.value()};
  const platform::Started started = platform::start_process(words, streams, false);
  if (started.error != 0) fail_to_start(words.front(), started.error);
  Program program;
  program.process = started.process;
  program.input = std::move(input.writer);
  program.output = std::move(output.reader);
  program.errors = std::move(errors.reader);
  return program;
}

int wait_for_program(Program& program) {
  return platform::wait_for_process(std::exchange(program.process, 0));
}

}  // namespace tv2onnx
