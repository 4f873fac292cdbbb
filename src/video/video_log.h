#pragma once
// What ffmpeg says on stderr while it decodes: when each frame is shown, how long the video is,
// and what is wrong with it.

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tv2onnx {

/// Filled by one thread, asked by others. Lines are as of `-loglevel level+info` with the filter
/// showinfo, whose times have six digits only: they are computed from its ticks.
class VideoLog {
 public:
  void add(std::string_view line);
  void close();

  /// Seconds of the k-th frame; waits for it. Nothing if the log ended before.
  std::optional<double> time_of(std::size_t frame);
  /// Of the whole video, if the container says; 0: unknown.
  double duration();
  /// The first error and the last, without doubles; "": none.
  std::string problem();

 private:
  void add_frame(std::string_view text);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<double> times_;
  double tick_ = 0;  ///< seconds
  double duration_ = 0;
  std::string first_problem_;
  std::string last_problem_;
  bool closed_ = false;
};

}  // namespace tv2onnx
