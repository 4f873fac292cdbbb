#include "video/video_log.h"

#include <gtest/gtest.h>

#include "video/ffmpeg.h"
#include "video/frame_reader.h"

namespace tv2onnx {
namespace {

TEST(VideoLog, TimesComeFromTicks) {
  VideoLog log;
  log.add("[info]   Duration: 00:01:02.50, start: 0.000000, bitrate: 66 kb/s");
  log.add("[Parsed_showinfo_1 @ 0x1] [info] config in time_base: 1/12800, frame_rate: 25/1");
  log.add("[Parsed_showinfo_1 @ 0x1] [info] config out time_base: 0/0, frame_rate: 0/0");
  log.add("[Parsed_showinfo_1 @ 0x1] [info] n:   0 pts:    256 pts_time:0.02    pos:     7753");
  log.add("[Parsed_showinfo_1 @ 0x1] [info] color_range:unknown color_space:unknown");
  log.add("[Parsed_showinfo_1 @ 0x1] [info] n:   1 pts:NOPTS pts_time:NOPTS");
  log.add("[Parsed_showinfo_1 @ 0x1] [info] n:   2 pts:1280000001 pts_time:100000 pos:3");
  log.close();
  EXPECT_EQ(log.time_of(0), 0.02);
  EXPECT_EQ(log.time_of(1), 0.02);
  EXPECT_EQ(log.time_of(2), 1280000001.0 / 12800);
  EXPECT_EQ(log.time_of(3), std::nullopt);
  EXPECT_EQ(log.duration(), 62.5);
  EXPECT_EQ(log.problem(), "");
}

TEST(VideoLog, KeepsWhatIsWrong) {
  VideoLog log;
  log.add("[info]   Duration: N/A, start: 0.000000");
  log.add("[h264 @ 0x5] [error] Invalid NAL unit size");
  log.add("[h264 @ 0x5] [warning] nothing of weight");
  EXPECT_EQ(log.problem(), "Invalid NAL unit size");
  log.add("[fatal] the end");
  EXPECT_EQ(log.problem(), "Invalid NAL unit size ... the end");
  EXPECT_EQ(log.duration(), 0);
}

TEST(Ffmpeg, ReleasesAreToldApart) {
  EXPECT_TRUE(is_before_fps_mode("ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright (c) 2000"));
  EXPECT_TRUE(is_before_fps_mode("ffmpeg version n5.0.1 Copyright"));
  EXPECT_FALSE(is_before_fps_mode("ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026"));
  EXPECT_FALSE(is_before_fps_mode("ffmpeg version 10.0 Copyright"));
  EXPECT_FALSE(is_before_fps_mode("ffmpeg version N-109000-g1234567 Copyright"));
}

TEST(VideoName, IsNoImageName) {
  for (const char* name : {"-", "a.mp4", "A.MOV", "/dev/video0", "rtsp://host/stream", "x.y.mkv"}) {
    EXPECT_TRUE(is_video_name(name)) << name;
  }
  for (const char* name : {"a.jpg", "photos", "mp4", "a.mp4/", "--"}) {
    EXPECT_FALSE(is_video_name(name)) << name;
  }
}

}  // namespace
}  // namespace tv2onnx
