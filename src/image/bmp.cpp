// Uncompressed BMP of 1, 4, 8, 24 or 32 bits, which no library has to read.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "image/codec.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kFileHeaderSize = 14;
constexpr std::uint32_t kOldHeaderSize = 12;  // OS/2: 16-bit sizes, three bytes per colour
constexpr std::uint32_t kHeaderSize = 40;
enum Compression : std::uint32_t { kNone = 0, kBitFields = 3 };
constexpr std::array<std::uint32_t, 3> kUsualMasks{0xFF0000, 0xFF00, 0xFF};  // bytes B, G, R, -

struct Header {
  std::int64_t width = 0;
  std::int64_t height = 0;  ///< negative: rows from top to bottom
  std::uint32_t bits = 0;
  std::uint32_t compression = kNone;
  std::array<std::uint32_t, 3> masks = kUsualMasks;
  std::uint64_t palette = 0;  ///< offset
  std::uint64_t colour_bytes = 4;
  std::uint64_t colours = 0;
  std::uint64_t pixels = 0;  ///< offset

  std::int64_t row_bytes() const { return (width * bits + 31) / 32 * 4; }
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
  header.colours = stated == 0 ? full : std::min(stated, full);
  header.colour_bytes = old ? 3 : 4;
  header.palette = kFileHeaderSize + std::uint64_t{size};
  if (header.compression == kBitFields) {
    for (std::size_t k = 0; k < 3; ++k) header.masks[k] = number(54 + 4 * k, 4);
  }
  return header;
}

void check(const Header& header, Bytes file) {
  const bool plain = header.compression == kNone;
  const bool masked = header.compression == kBitFields && header.masks == kUsualMasks;
  const bool known = plain ? header.bits == 1 || header.bits == 4 || header.bits == 8 ||
                                 header.bits == 24 || header.bits == 32
                           : masked && header.bits == 32;
  if (!known) {
    throw_unsupported(
        fmt::format("a BMP of {} bits with compression {}", header.bits, header.compression));
  }
  const std::uint64_t needed = std::max(
      header.pixels + static_cast<std::uint64_t>(std::abs(header.height) * header.row_bytes()),
      header.palette + header.colours * header.colour_bytes);
  if (needed > file.size()) {
    throw_damaged(
        fmt::format("the file ends before the picture does: {} bytes of {}", file.size(), needed));
  }
}

/// Where blue, green and red of a pixel stand; indices without a colour are black, as in PIL.
const std::uint8_t* colour_at(const Header& header, Bytes file, const std::uint8_t* row,
                              std::int64_t x) {
  static constexpr std::array<std::uint8_t, 3> kBlack{};
  if (header.bits > 8) return row + x * (header.bits / 8);
  const std::int64_t bit = x * header.bits;
  const unsigned shift = 8 - header.bits - static_cast<unsigned>(bit % 8);
  const unsigned index = (row[bit / 8] >> shift) & ((1U << header.bits) - 1);
  if (index >= header.colours) return kBlack.data();
  return bytes_at(file, header.palette + index * header.colour_bytes);
}

}  // namespace

Pixels decode_bmp(Bytes file, std::int64_t max_pixels) {
  const Header header = read_header(file);
  const Pixels pixels = allocate_pixels(header.width, std::abs(header.height), max_pixels);
  check(header, file);
  for (int y = 0; y < pixels.height; ++y) {
    const std::int64_t stored = header.height < 0 ? y : pixels.height - 1 - y;
    const std::uint8_t* row =
        bytes_at(file, header.pixels + static_cast<std::uint64_t>(stored * header.row_bytes()));
    for (int x = 0; x < pixels.width; ++x) {
      const std::uint8_t* bgr = colour_at(header, file, row, x);
      std::reverse_copy(bgr, bgr + 3, pixels.at(x, y));
    }
  }
  return pixels;
}

}  // namespace tv2onnx
