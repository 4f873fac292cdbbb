#include "video/video_log.h"

#include <charconv>
#include <cstdint>
#include <cstdlib>

namespace tv2onnx {
namespace {

/// The number behind `key`, blanks skipped; nothing if there is none ("pts: NOPTS").
template <typename Number>
std::optional<Number> number_behind(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + key.size());
  while (text.starts_with(' ')) text.remove_prefix(1);
  Number number{};
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc()) return std::nullopt;
  return number;
}

/// Seconds of "00:01:02.50".
double seconds_of(std::string_view text) {
  double seconds = 0;
  while (true) {
    double part = 0;
    const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), part);
    if (problem != std::errc()) return 0;  // "N/A"
    seconds = seconds * 60 + part;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    if (!text.starts_with(':')) return seconds;
    text.remove_prefix(1);
  }
}

}  // namespace

void VideoLog::add_frame(std::string_view text) {
  const auto ticks = number_behind<std::int64_t>(text, " pts:");
  // A frame without a time is shown right after the one before.
  const double before = times_.empty() ? 0 : times_.back();
  times_.push_back(ticks ? static_cast<double>(*ticks) * tick_ : before);
  changed_.notify_all();
}

void VideoLog::add(std::string_view line) {
  const std::lock_guard lock(mutex_);
  constexpr std::string_view kDuration = "  Duration: ";
  constexpr std::string_view kTick = "config in time_base: ";
  const bool info = line.find("[info] ") != std::string_view::npos;
  for (const std::string_view level : {"[error] ", "[fatal] "}) {
    const std::size_t at = line.find(level);
    if (at == std::string_view::npos) continue;
    (first_problem_.empty() ? first_problem_ : last_problem_) = line.substr(at + level.size());
    return;
  }
  if (info && line.find("showinfo") != std::string_view::npos) {
    if (const std::size_t at = line.find(kTick); at != std::string_view::npos) {
      const auto above = number_behind<double>(line, kTick);
      const auto below = number_behind<double>(line.substr(at), "/");
      if (above && below && *below > 0) tick_ = *above / *below;
    } else if (line.find("[info] n:") != std::string_view::npos) {
      add_frame(line);
    }
  } else if (const std::size_t at = line.find(kDuration);
             info && at != std::string_view::npos && duration_ == 0) {
    duration_ = seconds_of(line.substr(at + kDuration.size()));
  }
}

void VideoLog::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

std::optional<double> VideoLog::time_of(std::size_t frame) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return closed_ || times_.size() > frame; });
  if (times_.size() <= frame) return std::nullopt;
  return times_[frame];
}

double VideoLog::duration() {
  const std::lock_guard lock(mutex_);
  return duration_;
}

std::string VideoLog::problem() {
  const std::lock_guard lock(mutex_);
  if (last_problem_.empty() || last_problem_ == first_problem_) return first_problem_;
  return first_problem_ + " ... " + last_problem_;
}

}  // namespace tv2onnx
