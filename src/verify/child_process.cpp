#include "verify/child_process.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/platform_process.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr int kNotStarted = 127;  // as shells and env(1) say it
constexpr std::size_t kKeptLog = 16384;
constexpr std::size_t kLongestLine = 16384;  // what is longer is handed out in parts

[[noreturn]] void fail(const char* action, int error) {
  throw Error(
      {.code = "X001",
       .found = fmt::format("cannot {} for a child process: {}", action, std::strerror(error))});
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
bool wait_to_read(const platform::PipeEnd& reader, const std::stop_token& cancel) {
  // A token that cannot be asked to stop needs no looking up from time to time.
  const int milliseconds = cancel.stop_possible() ? 50 : -1;
  while (!cancel.stop_requested()) {
    if (reader.wait(milliseconds)) return true;
  }
  return false;
}

/// Reads until the end, or until `cancel` says stop.
void drain(const platform::PipeEnd& reader, Log& log, const std::stop_token& cancel) {
  std::array<char, 4096> buffer{};
  while (wait_to_read(reader, cancel)) {
    const std::size_t count = reader.read(buffer.data(), buffer.size());
    if (count == 0) return;
    log.add({buffer.data(), count});
  }
}

bool lacks_resources(int error) {
  return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
}

}  // namespace

ChildResult run_child(const std::vector<std::string>& arguments, int output,
                      const std::function<void(std::string_view line)>& log,
                      const std::stop_token& cancel) {
  platform::Pipe errors;
  if (const int error = platform::make_pipe(errors); error != 0) fail("make a pipe", error);
  const platform::Started child =
      platform::start_process(arguments, {.output = output, .errors = errors.writer.value()}, true);
  if (lacks_resources(child.error)) fail("find room", child.error);
  if (child.error != 0) return {};
  errors.writer.close();
  Log kept(log);
  drain(errors.reader, kept, cancel);
  if (cancel.stop_requested()) platform::kill_process(child.process);
  ChildResult result;
  result.exit_code = platform::wait_for_process(child.process);
  result.started = result.exit_code != kNotStarted;
  result.log = kept.take();
  return result;
}

}  // namespace tv2onnx
