// Clips as files.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "tv2onnx/classify.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;

void require_size(const Tensor& frame, const Tensor& first, const fs::path& file,
                  const fs::path& first_file) {
  if (frame.shape == first.shape) return;
  throw Error({.code = "R006",
               .found = fmt::format("a frame of {}x{} in a clip of {}x{} (height x width)",
                                    frame.shape[1], frame.shape[2], first.shape[1], first.shape[2]),
               .where = {.file = file.string()},
               .expected = fmt::format("the size of {}", first_file.filename().string())});
}

}  // namespace

std::vector<fs::path> spread_frames(const Clip& clip, std::size_t count) {
  const std::size_t all = clip.frames.size();
  if (all <= count) return clip.frames;
  std::vector<fs::path> chosen;
  for (std::size_t k = 0; k < count; ++k) {
    chosen.push_back(clip.frames[(2 * k + 1) * all / (2 * count)]);
  }
  return chosen;
}

Tensor read_frames(const std::vector<fs::path>& frames, const ImageOptions& options) {
  if (frames.empty()) return make_tensor({0, 0, 0, 3}, std::vector<std::uint8_t>());
  const Tensor first = read_image(frames.front(), options);
  std::vector<std::uint8_t> pixels;
  pixels.reserve(first.byte_size() * frames.size());
  for (const fs::path& file : frames) {
    const Tensor frame = &file == &frames.front() ? first : read_image(file, options);
    require_size(frame, first, file, frames.front());
    const auto bytes = frame.as<std::uint8_t>();
    pixels.insert(pixels.end(), bytes.begin(), bytes.end());
  }
  Shape shape = first.shape;
  shape[0] = static_cast<std::int64_t>(frames.size());
  return make_tensor(std::move(shape), std::move(pixels));
}

}  // namespace tv2onnx
