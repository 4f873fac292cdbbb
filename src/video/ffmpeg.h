#pragma once
// What differs between releases of ffmpeg.

#include <array>
#include <string>
#include <string_view>

namespace tv2onnx {

/// The words by which every frame is kept, none dropped and none doubled: `-fps_mode passthrough`
/// since 5.1, `-vsync passthrough` before. \throws Error I006 (no ffmpeg).
std::array<std::string, 2> every_frame_words();

/// "5.1.9-0+deb12u1". \throws Error I006.
std::string ffmpeg_version();

/// Whether a version, as "ffmpeg version 5.1.9-0+deb12u1 Copyright" says it, is before 5.1.
bool is_before_fps_mode(std::string_view version_line);

}  // namespace tv2onnx
