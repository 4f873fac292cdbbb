#include <fmt/format.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "image/pixels.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

constexpr int kJpegQuality = 95;
constexpr int kMaxJpegSide = 65500;  // libjpeg's own limit

}  // namespace

std::vector<std::byte> encode_image(const Tensor& image, ImageFormat format) {
  const bool jpeg = format == ImageFormat::kJpeg;
  cv::Mat bgr;
  cv::cvtColor(pixels_of(image), bgr, cv::COLOR_RGB2BGR);
  if (jpeg && (bgr.cols > kMaxJpegSide || bgr.rows > kMaxJpegSide)) {
    throw Error({.code = "I003",
                 .found = fmt::format("{} x {} pixels do not fit into a JPEG", bgr.cols, bgr.rows),
                 .expected = fmt::format("at most {} on each side", kMaxJpegSide)});
  }
  std::vector<std::uint8_t> encoded;
  cv::imencode(
      jpeg ? ".jpg" : ".png", bgr, encoded,
      jpeg ? std::vector<int>{cv::IMWRITE_JPEG_QUALITY, kJpegQuality} : std::vector<int>{});
  const auto bytes = std::as_bytes(std::span(encoded));
  return {bytes.begin(), bytes.end()};
}

}  // namespace tv2onnx
