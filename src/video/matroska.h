#pragma once
// Raw pictures with their times as a Matroska stream, which is what goes into ffmpeg to be encoded:
// of the formats that it reads from a pipe, one that has a time for each frame.

#include <cstddef>
#include <cstdint>
#include <string>

namespace tv2onnx {

/// What comes first: RGB pictures of one size.
std::string matroska_header(std::int64_t width, std::int64_t height);
/// What comes before the bytes of each picture.
std::string matroska_frame(std::uint64_t milliseconds, std::size_t bytes);

}  // namespace tv2onnx
