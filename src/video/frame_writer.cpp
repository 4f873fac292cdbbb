#include "video/frame_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "tv2onnx/error.h"
#include "video/ffmpeg.h"
#include "video/matroska.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kBehind = 4;
constexpr std::size_t kKeptLog = 4000;

/// Kinds of files by their ending, as ffmpeg calls them.
struct Kind {
  std::string_view ending;
  const char* format;
};
constexpr std::array kKinds{Kind{".mp4", "mp4"},      Kind{".m4v", "mp4"},   Kind{".mov", "mov"},
                            Kind{".mkv", "matroska"}, Kind{".webm", "webm"}, Kind{".avi", "avi"}};

const Kind& kind_of(const std::filesystem::path& target) {
  const auto found = std::ranges::find(kKinds, target.extension().string(), &Kind::ending);
  if (found != kKinds.end()) return *found;
  throw Error({.code = "U002",
               .found = "not the name of a video",
               .where = {.file = target.string()},
               .expected = "a name that ends in .mp4, .m4v, .mov, .mkv, .webm or .avi",
               .hint = "-o out.mp4"});
}

/// Encoders take sides that are even: an odd one gets a black line more.
std::vector<std::string> encode_words(const std::filesystem::path& target,
                                      const std::string& temporary) {
  const std::array<std::string, 2> each = every_frame_words();
  return {"ffmpeg",
          "-hide_banner",
          "-nostats",
          "-loglevel",
          "error",
          "-xerror",  // else it ends well after a disk has filled
          "-y",
          "-f",
          "matroska",
          "-i",
          "pipe:0",
          "-vf",
          "pad=ceil(iw/2)*2:ceil(ih/2)*2",
          "-pix_fmt",
          "yuv420p",
          each[0],
          each[1],
          "-enc_time_base",
          "1:1000",
          "-f",
          kind_of(target).format,
          "file:" + temporary};
}

}  // namespace

void require_video_target(const std::filesystem::path& target) {
  kind_of(target);
}

FrameWriter::FrameWriter(const std::filesystem::path& target, bool overwrite)
    : target_(target), file_(target, overwrite), pictures_(kBehind) {
  require_video_target(target);
}

FrameWriter::~FrameWriter() {
  stop();
}

void FrameWriter::start(const Picture& first) {
  program_ = start_program(encode_words(target_, file_.temporary()), {.input = true});
  started_ = true;
  size_ = shape_text(first.pixels.shape);
  log_thread_ = std::thread([this] { read_log(); });
  write_thread_ = std::thread([this] { write_all(); });
}

void FrameWriter::read_log() {
  std::array<char, 1024> buffer{};
  while (const std::size_t count = program_.errors.read(buffer.data(), buffer.size())) {
    if (log_.size() < kKeptLog) log_.append(buffer.data(), count);
  }
}

void FrameWriter::write_all() {
  std::optional<double> first;
  std::int64_t last = -1;  // milliseconds
  while (const std::optional<Picture> picture = pictures_.pop()) {
    const std::vector<std::byte> bytes = contiguous_bytes(picture->pixels);
    std::string before;
    if (!first) {
      first = picture->seconds;
      before = matroska_header(picture->pixels.shape[2], picture->pixels.shape[1]);
    }
    // Two frames at one time would be an error of the file.
    last = std::max<std::int64_t>(last + 1, std::llround((picture->seconds - *first) * 1000));
    before += matroska_frame(static_cast<std::uint64_t>(last), bytes.size());
    const PipeEnd& pipe = program_.input;
    if (pipe.write(before.data(), before.size()) &&
        pipe.write(reinterpret_cast<const char*>(bytes.data()), bytes.size())) {
      continue;
    }
    pictures_.close();  // ffmpeg has ended: its log says why
    break;
  }
  program_.input.close();
}

void FrameWriter::add(Tensor picture, double seconds) {
  Picture one{std::move(picture), seconds};
  if (!started_) start(one);
  if (shape_text(one.pixels.shape) == size_ && pictures_.push(std::move(one))) return;
  stop();
  fail();
}

void FrameWriter::end() {
  stop();
  if (!started_ || exit_code_ != 0) fail();
  file_.commit();
}

void FrameWriter::stop() {
  pictures_.close();
  if (!write_thread_.joinable()) return;
  write_thread_.join();
  log_thread_.join();
  exit_code_ = wait_for_program(program_);
}

void FrameWriter::fail() const {
  const std::string_view first = std::string_view(log_).substr(0, log_.find('\n'));
  throw Error(
      {.code = "O003",
       .found = started_ ? "ffmpeg could not write the video" : "there is no frame to write",
       .where = {.file = target_.string()},
       .details = first.empty() ? std::vector<std::string>{}
                                : std::vector{"ffmpeg    " + printable(first, 300)}});
}

}  // namespace tv2onnx
