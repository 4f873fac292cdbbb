#include "video/ffmpeg.h"

#include <charconv>

#include "video/program.h"

namespace tv2onnx {
namespace {

constexpr std::string_view kBefore = "ffmpeg version ";

std::string version_line() {
  Program program = start_program({"ffmpeg", "-version"}, {.output = true});
  std::string text;
  std::array<char, 4096> buffer{};
  while (const std::size_t count = program.output.read(buffer.data(), buffer.size())) {
    text.append(buffer.data(), count);
  }
  program.errors.close();
  wait_for_program(program);
  return text.substr(0, text.find('\n'));
}

}  // namespace

bool is_before_fps_mode(std::string_view line) {
  if (!line.starts_with(kBefore)) return false;
  line.remove_prefix(kBefore.size());
  if (line.starts_with('n')) line.remove_prefix(1);  // of tags: "n4.4.2"
  int major = 0;
  int minor = 0;
  const char* end = line.data() + line.size();
  const auto [dot, problem] = std::from_chars(line.data(), end, major);
  if (problem != std::errc() || dot == end || *dot != '.') return false;  // of a branch: new
  std::from_chars(dot + 1, end, minor);
  return major < 5 || (major == 5 && minor < 1);
}

std::string ffmpeg_version() {
  const std::string line = version_line();
  const std::size_t begin = line.starts_with(kBefore) ? kBefore.size() : 0;
  return line.substr(begin, line.find(' ', begin) - begin);
}

std::array<std::string, 2> every_frame_words() {
  static const bool before = is_before_fps_mode(version_line());
  return {before ? "-vsync" : "-fps_mode", "passthrough"};
}

}  // namespace tv2onnx
