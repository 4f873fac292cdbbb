// EXIF data are a small TIFF file, kept in JPEG's APP1 segment, PNG's chunk eXIf or WebP's chunk
// EXIF. What is malformed counts as absent: a photo is not refused for its notes.

#include "image/exif.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace tv2onnx {
namespace {

constexpr std::string_view kExifMark{"Exif\0\0", 6};
constexpr std::uint32_t kOrientationTag = 0x0112;
constexpr std::uint32_t kShort = 3;  // TIFF's type of 16-bit numbers

bool has_text(Bytes file, std::size_t offset, std::string_view text) {
  return offset <= file.size() && file.size() - offset >= text.size() &&
         std::memcmp(bytes_at(file, offset), text.data(), text.size()) == 0;
}

Bytes part(Bytes file, std::uint64_t offset, std::uint64_t size) {
  if (offset > file.size() || file.size() - offset < size) return {};
  return file.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
}

Bytes find_in_jpeg(Bytes file) {
  constexpr std::uint32_t kApp1 = 0xE1;
  constexpr std::uint32_t kStartOfScan = 0xDA;
  std::size_t at = 2;
  while (number_at(file, at, 1, true) == 0xFF) {
    const std::uint32_t marker = number_at(file, at + 1, 1, true);
    if (marker == 0xFF) {  // padding
      ++at;
      continue;
    }
    const std::uint32_t length = number_at(file, at + 2, 2, true);
    if (marker == kStartOfScan || length < 2) return {};
    if (marker == kApp1 && has_text(file, at + 4, kExifMark)) return part(file, at + 4, length - 2);
    at += 2 + length;
  }
  return {};
}

/// Chunks of PNG (length, name, data, CRC) or WebP (name, length, data, padding to even).
Bytes find_chunk(Bytes file, std::size_t at, std::string_view name, bool png) {
  while (at + 8 <= file.size()) {
    const std::uint64_t length = number_at(file, at + (png ? 0 : 4), 4, png);
    if (has_text(file, at + (png ? 4 : 0), name)) return part(file, at + 8, length);
    const std::uint64_t step = 8 + length + (png ? 4 : length % 2);
    if (step > file.size()) return {};
    at += static_cast<std::size_t>(step);
  }
  return {};
}

Bytes find_exif(Bytes file) {
  Bytes exif;
  if (has_text(file, 0, "\xFF\xD8")) exif = find_in_jpeg(file);
  if (has_text(file, 0, "\x89PNG")) exif = find_chunk(file, 8, "eXIf", true);
  if (has_text(file, 8, "WEBP")) exif = find_chunk(file, 12, "EXIF", false);
  return has_text(exif, 0, kExifMark) ? exif.subspan(kExifMark.size()) : exif;
}

}  // namespace

int exif_orientation(Bytes file) {
  const Bytes tiff = find_exif(file);
  const bool big = has_text(tiff, 0, "MM");
  if (!big && !has_text(tiff, 0, "II")) return 1;
  const std::uint64_t directory = number_at(tiff, 4, 4, big);
  const std::uint32_t entries = number_at(tiff, directory, 2, big);
  for (std::uint32_t k = 0; k < entries; ++k) {
    const std::uint64_t entry = directory + 2 + std::uint64_t{12} * k;
    if (number_at(tiff, entry, 2, big) != kOrientationTag) continue;
    const std::uint32_t value = number_at(tiff, entry + 8, 2, big);
    const bool sensible = number_at(tiff, entry + 2, 2, big) == kShort && value >= 1 && value <= 8;
    return sensible ? static_cast<int>(value) : 1;
  }
  return 1;
}

Pixels upright(const Pixels& pixels, int orientation) {
  if (orientation == 1) return pixels;
  const bool transposed = orientation >= 5;
  const bool mirrored =
      orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  const bool upside_down =
      orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  Pixels turned = transposed ? make_pixels(pixels.height, pixels.width)
                             : make_pixels(pixels.width, pixels.height);
  for (int y = 0; y < turned.height; ++y) {
    for (int x = 0; x < turned.width; ++x) {
      const int column = mirrored ? turned.width - 1 - x : x;
      const int row = upside_down ? turned.height - 1 - y : y;
      const std::uint8_t* from = transposed ? pixels.at(row, column) : pixels.at(column, row);
      std::copy_n(from, 3, turned.at(x, y));
    }
  }
  return turned;
}

}  // namespace tv2onnx
