// BMP by OpenCV, once the header promises nothing that the file does not hold: what OpenCV dislikes
// it reports on stderr.

#include <fmt/format.h>

#include <cstdlib>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "image/codec.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kFileHeaderSize = 14;
constexpr std::uint32_t kOldHeaderSize = 12;  // OS/2: 16-bit sizes, three bytes per colour
constexpr std::uint32_t kHeaderSize = 40;
enum Compression : std::uint32_t { kNone = 0, kBitFields = 3, kAlphaBitFields = 6 };

struct Header {
  std::int64_t width = 0;
  std::int64_t height = 0;  ///< negative: rows from top to bottom
  std::uint32_t bits = 0;
  std::uint32_t compression = kNone;
  std::uint64_t palette_end = 0;
  std::uint64_t pixels = 0;  ///< offset
};

Header read_header(Bytes file) {
  const auto number = [&](std::size_t offset, std::size_t size) {
    return number_at(file, offset, size, false);
  };
  const std::uint32_t size = number(kFileHeaderSize, 4);
  const bool old = size == kOldHeaderSize;
  if (file.size() < kFileHeaderSize + size) throw_damaged("the file ends in its header");
  if (!old && size < kHeaderSize) throw_unsupported(fmt::format("a BMP header of {} bytes", size));
  Header header;
  header.pixels = number(10, 4);
  const auto extent = [&](std::size_t offset) {
    return old ? std::int64_t{number(offset, 2)}
               : std::int64_t{static_cast<std::int32_t>(number(offset, 4))};
  };
  header.width = extent(18);
  header.height = extent(old ? 20 : 22);
  header.bits = number(old ? 24 : 28, 2);
  header.compression = old ? kNone : number(30, 4);
  const std::uint32_t stated = old ? 0 : number(46, 4);
  if (stated > 256) throw_damaged(fmt::format("a palette of {} colours", stated));
  const std::uint32_t full = header.bits <= 8 ? 1U << header.bits : 0;
  header.palette_end = kFileHeaderSize + std::uint64_t{size} +
                       std::uint64_t{stated == 0 ? full : std::min(stated, full)} * (old ? 3 : 4);
  return header;
}

void check(const Header& header, Bytes file) {
  const bool plain = header.compression == kNone;
  const bool masks = header.compression == kBitFields || header.compression == kAlphaBitFields;
  const bool known = plain ? header.bits == 1 || header.bits == 4 || header.bits == 8 ||
                                 header.bits == 24 || header.bits == 32 || header.bits == 16
                           : masks && (header.bits == 16 || header.bits == 32);
  if (!known) {
    throw_unsupported(
        fmt::format("a BMP of {} bits with compression {}", header.bits, header.compression));
  }
  const std::int64_t rows = std::abs(header.height);
  const std::int64_t row_bytes = (header.width * header.bits + 31) / 32 * 4;
  const auto needed = header.pixels + static_cast<std::uint64_t>(rows * row_bytes);
  if (needed > file.size() || header.palette_end > file.size()) {
    throw_damaged(fmt::format("the file ends before the picture does: {} bytes of {}", file.size(),
                              std::max(needed, header.palette_end)));
  }
}

}  // namespace

cv::Mat decode_bmp(Bytes file) {
  const Header header = read_header(file);
  cv::Mat pixels = allocate_pixels(header.width, std::abs(header.height));
  check(header, file);
  const cv::Mat encoded(1, static_cast<int>(file.size()), CV_8UC1,
                        const_cast<std::uint8_t*>(bytes_at(file)));
  const cv::Mat decoded = cv::imdecode(encoded, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  if (decoded.size() != pixels.size()) throw_damaged("OpenCV cannot read it");
  cv::cvtColor(decoded, pixels, cv::COLOR_BGR2RGB);
  return pixels;
}

}  // namespace tv2onnx
