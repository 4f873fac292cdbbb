#pragma once
// The frames of a video, a camera or a pipe: decoded by ffmpeg, a few ahead of who takes them.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "tv2onnx/tensor.h"
#include "video/program.h"
#include "video/queue.h"
#include "video/video_log.h"

namespace tv2onnx {

/// Whether this is no image but a video: "-", a camera (/dev/video0), an address (rtsp://...), or a
/// name that ends as those of videos do.
bool is_video_name(const std::string& input);

/// Whether it is a camera of Linux, as ffmpeg's v4l2 reads it.
bool is_camera(std::string_view input);

struct FrameSource {
  std::string input;
  std::size_t every = 1;  ///< the first of every so many frames
  double start = 0;       ///< seconds
  double end = 0;         ///< seconds; 0: to the end
};

struct Frame {
  Tensor pixels;           ///< uint8 [1, height, width, 3], upright
  std::int64_t index = 0;  ///< among all frames from `start` on
  double time = 0;         ///< seconds from the beginning of the video
};

class FrameReader {
 public:
  /// \throws Error I006 (no ffmpeg), C001 (no such file), X001.
  explicit FrameReader(const FrameSource& source);
  ~FrameReader();
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  /// The next frame; nothing at the end. \throws Error I003 (too large a frame), X002.
  std::optional<Frame> next();
  /// What ffmpeg said was wrong, after the end; "": nothing.
  const std::string& problem() const { return problem_; }
  /// Seconds from `start` to the end of what is read; 0: unknown.
  double length();

 private:
  void read_log();
  void read_frames();
  std::optional<Tensor> read_picture();
  void finish();

  FrameSource source_;
  Program program_;
  VideoLog log_;
  BoundedQueue<Frame> frames_;
  std::exception_ptr failure_;  ///< of the thread that reads frames
  std::string problem_;
  std::thread log_thread_;
  std::thread frame_thread_;
};

}  // namespace tv2onnx
