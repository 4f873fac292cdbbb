#pragma once
// Pictures to a video file: encoded by ffmpeg beside the caller's work.

#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "base/output_file.h"
#include "tv2onnx/tensor.h"
#include "video/program.h"
#include "video/queue.h"

namespace tv2onnx {

/// \throws Error U002: a name that is of no kind of video that is written.
void require_video_target(const std::filesystem::path& target);

class FrameWriter {
 public:
  /// Pictures of one size. \throws Error I006 (no ffmpeg), O003, O004 (it exists), U002.
  FrameWriter(const std::filesystem::path& target, bool overwrite);
  /// Without end() nothing is left.
  ~FrameWriter();
  FrameWriter(const FrameWriter&) = delete;
  FrameWriter& operator=(const FrameWriter&) = delete;

  /// uint8 [1, height, width, 3], shown from `seconds` on. \throws Error O003.
  void add(Tensor picture, double seconds);
  /// The file gets its name. \throws Error O003: ffmpeg could not write it, and why.
  void end();

 private:
  struct Picture {
    Tensor pixels;
    double seconds = 0;
  };
  void start(const Picture& first);
  void write_all();
  void read_log();
  void stop();
  [[noreturn]] void fail() const;

  std::filesystem::path target_;
  OutputFile file_;
  Program program_;
  BoundedQueue<Picture> pictures_;
  std::string log_;
  std::string size_;  ///< of the first picture
  bool started_ = false;
  std::thread write_thread_;
  std::thread log_thread_;
  int exit_code_ = 0;
};

}  // namespace tv2onnx
