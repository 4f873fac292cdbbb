#include "video/frame_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "tv2onnx/error.h"
#include "video/ffmpeg.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kAhead = 4;
constexpr std::size_t kMostBytes = std::size_t{178'956'970} * 3;  // as of photos

constexpr auto kVideoEndings = std::to_array<std::string_view>(
    {".3gp",  ".avi", ".flv", ".gif", ".m2ts", ".m4v", ".mjpeg", ".mkv",  ".mov", ".mp4",
     ".mpeg", ".mpg", ".mts", ".mxf", ".ogv",  ".ts",  ".vob",   ".webm", ".wmv", ".y4m"});

bool is_address(std::string_view input) {
  return input.find("://") != std::string_view::npos;
}

bool can_wind(const FrameSource& source) {
  return source.input != "-" && !is_camera(source.input);
}

/// What ffmpeg reads: a name is never taken for one of its protocols.
std::vector<std::string> input_words(const FrameSource& source) {
  std::vector<std::string> words;
  const bool pipe = source.input == "-";
  if (is_camera(source.input)) words = {"-f", "v4l2"};
  // A pipe or a camera cannot be wound forward: its frames are decoded and dropped.
  if (source.start > 0 && can_wind(source)) {
    words.insert(words.end(), {"-ss", fmt::format("{}", source.start)});
  }
  if (source.end > 0) words.insert(words.end(), {"-to", fmt::format("{}", source.end)});
  const bool as_it_is = is_camera(source.input) || is_address(source.input);
  words.insert(words.end(), {"-i", pipe       ? "pipe:0"
                                   : as_it_is ? source.input
                                              : "file:" + source.input});
  return words;
}

std::string filters(const FrameSource& source) {
  std::string chain;
  if (source.start > 0 && !can_wind(source)) {
    chain += fmt::format("select=gte(t\\,{}),", source.start);
  }
  if (source.every > 1) chain += fmt::format("select=not(mod(n\\,{})),", source.every);
  return chain + "showinfo";
}

std::vector<std::string> decode_words(const FrameSource& source) {
  std::vector<std::string> words{"ffmpeg",   "-hide_banner", "-nostats",
                                 "-nostdin", "-loglevel",    "level+info"};
  const std::vector<std::string> input = input_words(source);
  words.insert(words.end(), input.begin(), input.end());
  words.insert(words.end(), {"-map", "0:v:0", "-vf", filters(source)});
  const std::array<std::string, 2> each = every_frame_words();
  words.insert(words.end(), each.begin(), each.end());
  words.insert(words.end(), {"-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24", "pipe:1"});
  return words;
}

void require_there(const std::string& input) {
  std::error_code ignored;
  if (input == "-" || is_camera(input) || is_address(input) || fs::exists(input, ignored)) return;
  throw Error({.code = "C001",
               .found = "there is no such file",
               .where = {.file = input},
               .hint = "check the path; relative paths start at the current folder"});
}

/// Exactly so many bytes; false at the end.
bool read_exactly(const PipeEnd& pipe, char* bytes, std::size_t size) {
  while (size > 0) {
    const std::size_t count = pipe.read(bytes, size);
    if (count == 0) return false;
    bytes += count;
    size -= count;
  }
  return true;
}

/// The numbers of a header "P6\n640 480\n255\n"; false at the end of all pictures.
bool read_header(const PipeEnd& pipe, std::array<std::size_t, 2>& size) {
  std::string header;
  for (std::size_t lines = 0; lines < 3;) {
    char c = 0;
    if (header.size() > 40 || !read_exactly(pipe, &c, 1)) return false;
    header += c;
    if (c == '\n') ++lines;
  }
  const char* end = header.data() + header.size();
  const auto [middle, problem] = std::from_chars(header.data() + 3, end, size[0]);
  if (problem != std::errc() || middle == end || !header.starts_with("P6\n")) return false;
  return std::from_chars(middle + 1, end, size[1]).ec == std::errc();
}

}  // namespace

bool is_camera(std::string_view input) {
  return input.starts_with("/dev/video");
}

bool is_video_name(const std::string& input) {
  if (input == "-" || is_camera(input) || is_address(input)) return true;
  std::string ending = fs::path(input).extension().string();
  for (char& c : ending) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::ranges::find(kVideoEndings, ending) != kVideoEndings.end();
}

FrameReader::FrameReader(const FrameSource& source) : source_(source), frames_(kAhead) {
  require_there(source.input);
  program_ = start_program(decode_words(source), {.output = true});
  log_thread_ = std::thread([this] { read_log(); });
  frame_thread_ = std::thread([this] { read_frames(); });
}

FrameReader::~FrameReader() {
  finish();
}

void FrameReader::read_log() {
  std::string pending;
  std::array<char, 4096> buffer{};
  while (const std::size_t count = program_.errors.read(buffer.data(), buffer.size())) {
    pending.append(buffer.data(), count);
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = pending.find('\n', begin)) != std::string::npos;) {
      log_.add(std::string_view(pending).substr(begin, end - begin));
      begin = end + 1;
    }
    pending.erase(0, begin);
  }
  log_.close();
}

std::optional<Tensor> FrameReader::read_picture() {
  std::array<std::size_t, 2> size{};
  if (!read_header(program_.output, size)) return std::nullopt;
  const auto [width, height] = size;
  if (width == 0 || height == 0 || width > kMostBytes / 3 / height) {
    throw Error({.code = "I003",
                 .found = fmt::format("frames of {} x {} pixels", width, height),
                 .where = {.file = source_.input},
                 .expected = "at most 178 million"});
  }
  auto bytes = std::make_shared<std::vector<std::byte>>(width * height * 3);
  if (!read_exactly(program_.output, reinterpret_cast<char*>(bytes->data()), bytes->size())) {
    return std::nullopt;
  }
  Tensor pixels;
  pixels.dtype = DType::kUInt8;
  pixels.shape = {1, static_cast<std::int64_t>(height), static_cast<std::int64_t>(width), 3};
  pixels.data = bytes->data();
  pixels.owner = std::move(bytes);
  return pixels;
}

void FrameReader::read_frames() {
  try {
    for (std::size_t k = 0;; ++k) {
      std::optional<Tensor> pixels = read_picture();
      if (!pixels) break;
      const std::optional<double> time = log_.time_of(k);
      if (!time) break;
      // Where ffmpeg has wound forward it counts seconds from there.
      const double origin = can_wind(source_) ? source_.start : 0;
      Frame frame{std::move(*pixels), static_cast<std::int64_t>(k * source_.every), origin + *time};
      if (!frames_.push(std::move(frame))) break;
    }
  } catch (...) {
    failure_ = std::current_exception();
  }
  frames_.close();
}

std::optional<Frame> FrameReader::next() {
  std::optional<Frame> frame = frames_.pop();
  if (frame) return frame;
  finish();
  if (failure_ != nullptr) std::rethrow_exception(failure_);
  return std::nullopt;
}

double FrameReader::length() {
  const double end = source_.end > 0 ? source_.end : log_.duration();
  return std::max(0.0, end - source_.start);
}

void FrameReader::finish() {
  if (!frame_thread_.joinable()) return;
  frames_.close();
  frame_thread_.join();
  program_.output.close();  // ffmpeg ends if it has more
  log_thread_.join();
  const int exit_code = wait_for_program(program_);
  problem_ = log_.problem();
  if (problem_.empty() && exit_code != 0) problem_ = fmt::format("ffmpeg ended with {}", exit_code);
}

}  // namespace tv2onnx
