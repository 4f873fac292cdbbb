#include "cli/frame_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/platform.h"
#include "cli/print.h"
#include "cli/progress.h"

namespace tv2onnx::cli {

FrameProgress::FrameProgress(double start, bool quiet)
    : start_(start), enabled_(!quiet && platform::log_is_terminal()) {}

double FrameProgress::elapsed() const {
  return std::chrono::duration<double>(Clock::now() - begun_).count();
}

double FrameProgress::rate() const {
  const double seconds = elapsed();
  return seconds > 0 ? static_cast<double>(done_) / seconds : 0;
}

void FrameProgress::show(double time) {
  ++done_;
  const Clock::time_point now = Clock::now();
  if (!enabled_ || now - shown_ < std::chrono::milliseconds(100)) return;
  shown_ = now;
  const double share = length_ > 0 ? std::clamp((time - start_) / length_, 0.0, 1.0) : 0;
  const std::string left = share > 0 ? fmt::format(" of {}, {} left", time_text(length_),
                                                   time_text(elapsed() / share * (1 - share)))
                                     : "";
  put_log_as_it_is(fmt::format("\r\x1b[K{} frames, {:.1f} frames/s, at {}{}", done_, rate(),
                               time_text(time), left));
  std::fflush(stderr);
  visible_ = true;
}

void FrameProgress::hide() {
  if (!visible_) return;
  std::fflush(stdout);
  put_log_as_it_is("\r\x1b[K");
  std::fflush(stderr);
  visible_ = false;
  shown_ = {};
}

}  // namespace tv2onnx::cli
