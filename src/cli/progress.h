#pragma once
// One line on stderr that tells how far a long list is. Shown on a terminal only.

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace tv2onnx::cli {

/// "42 s", "3:20 min".
std::string time_text(double seconds);

class Progress {
 public:
  /// Nothing is ever shown if `quiet`, if stderr is no terminal, or if there is only one item.
  Progress(std::size_t total, bool quiet);
  ~Progress() { hide(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Shows that `item` is begun; at most ten times a second.
  void begin(std::string_view item);
  /// So many items need nothing to be done.
  void skip(std::size_t items) { total_ -= items; }
  /// Removes the line, for other output to take its place.
  void hide();

 private:
  using Clock = std::chrono::steady_clock;
  std::size_t total_;
  std::size_t begun_ = 0;
  bool enabled_;
  bool visible_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point shown_{};
};

}  // namespace tv2onnx::cli
