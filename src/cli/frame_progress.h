#pragma once
// One line on stderr that tells how far a video is, how fast it goes, and how long it takes.

#include <chrono>
#include <cstddef>

namespace tv2onnx::cli {

class FrameProgress {
 public:
  /// Shown on a terminal only, and not if `quiet`. \param start second at which the frames begin
  FrameProgress(double start, bool quiet);

  /// Seconds of video that there are; 0: not known.
  void set_length(double seconds) { length_ = seconds; }
  /// A frame of this time was looked at; shown at most ten times a second.
  void show(double time);
  /// Removes the line, for other output to take its place.
  void hide();
  /// Frames done in a second, since the first.
  double rate() const;

 private:
  using Clock = std::chrono::steady_clock;
  double elapsed() const;

  double start_;
  double length_ = 0;
  std::size_t done_ = 0;
  bool enabled_;
  bool visible_ = false;
  Clock::time_point begun_ = Clock::now();
  Clock::time_point shown_{};
};

}  // namespace tv2onnx::cli
