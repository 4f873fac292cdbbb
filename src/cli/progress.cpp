#include "cli/progress.h"
#include "cli/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "base/platform.h"
#include "base/text.h"

namespace tv2onnx::cli {
namespace {

constexpr std::size_t kBarWidth = 24;
constexpr std::size_t kItemWidth = 40;
constexpr const char* kEraseLine = "\r\x1b[K";

}  // namespace

std::string time_text(double seconds) {
  const auto whole = static_cast<int>(std::min(seconds, 359999.0));
  return whole < 60 ? fmt::format("{} s", whole)
                    : fmt::format("{}:{:02} min", whole / 60, whole % 60);
}

Progress::Progress(std::size_t total, bool quiet)
    : total_(total), enabled_(!quiet && total > 1 && platform::log_is_terminal()) {}

void Progress::begin(std::string_view item) {
  const std::size_t done = begun_++;
  const Clock::time_point now = Clock::now();
  if (!enabled_ || now - shown_ < std::chrono::milliseconds(100)) return;
  shown_ = now;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double left =
      done == 0 ? 0 : elapsed / static_cast<double>(done) * static_cast<double>(total_ - done);
  const std::size_t filled = kBarWidth * done / total_;
  const std::string_view tail =
      item.size() > kItemWidth ? item.substr(item.size() - kItemWidth) : item;
  put_log_as_it_is(fmt::format("{}[{:#<{}}{:.<{}}] {}/{}  {}{}", kEraseLine, "", filled, "",
                               kBarWidth - filled, begun_, total_,
                               done == 0 ? "" : time_text(left) + " left  ", printable(tail)));
  std::fflush(stderr);
  visible_ = true;
}

void Progress::hide() {
  if (!visible_) return;
  std::fflush(stdout);
  put_log_as_it_is(kEraseLine);
  std::fflush(stderr);
  visible_ = false;
  shown_ = {};
}

}  // namespace tv2onnx::cli
