// PNG by libpng.

#include <png.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include "base/text.h"
#include "image/codec.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kWidthOffset = 16;  // in IHDR, always the first chunk
constexpr std::size_t kHeightOffset = 20;
constexpr std::size_t kDepthOffset = 24;

/// State of libpng. It reports errors by longjmp, so read() holds no objects with destructors.
class PngReader {
 public:
  explicit PngReader(Bytes file) : file_(file) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error,
                                  [](png_structp, png_const_charp) {});
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) throw std::bad_alloc();
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  /// Numbers as they are stored, in one byte or two; else RGB.
  bool read(png_bytepp rows, std::size_t row_bytes, bool numbers) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_read_fn(png_, this, on_read);
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // allocate_pixels has checked
    png_read_info(png_, info_);
    if (numbers) {
      png_set_packing(png_);
    } else {
      set_rgb();
    }
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    if (png_get_rowbytes(png_, info_) != row_bytes) png_error(png_, "unexpected kind of pixels");
    png_read_image(png_, rows);
    return true;
  }

  const char* message() const { return message_.data(); }

 private:
  void set_rgb() {
    png_set_palette_to_rgb(png_);
    png_set_expand_gray_1_2_4_to_8(png_);
    png_set_gray_to_rgb(png_);
    png_set_strip_16(png_);
    png_set_strip_alpha(png_);
  }

  static void on_error(png_structp png, png_const_charp message) {
    auto& reader = *static_cast<PngReader*>(png_get_error_ptr(png));
    std::snprintf(reader.message_.data(), reader.message_.size(), "%s", message);
    png_longjmp(png, 1);
  }

  static void on_read(png_structp png, png_bytep out, std::size_t count) {
    auto& reader = *static_cast<PngReader*>(png_get_io_ptr(png));
    if (count > reader.file_.size()) png_error(png, "the file ends before the picture does");
    std::memcpy(out, reader.file_.data(), count);
    reader.file_ = reader.file_.subspan(count);
  }

  Bytes file_;  ///< what was not read yet
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::array<char, 200> message_{};
};

struct PngSize {
  std::int64_t width = 0;
  std::int64_t height = 0;
};

PngSize png_size(Bytes file) {
  const bool has_header = file.size() >= kHeightOffset + 4;
  if (!has_header) throw_damaged("the file ends in its header");
  return {number_at(file, kWidthOffset, 4, true), number_at(file, kHeightOffset, 4, true)};
}

}  // namespace

Pixels decode_png(Bytes file, std::int64_t max_pixels) {
  const auto [width, height] = png_size(file);
  const Pixels pixels = allocate_pixels(width, height, max_pixels);
  std::vector<png_bytep> rows;
  for (int y = 0; y < pixels.height; ++y) rows.push_back(pixels.at(0, y));
  PngReader reader(file);
  if (!reader.read(rows.data(), pixels.row_bytes(), false)) {
    throw_damaged(printable(reader.message()));
  }
  return pixels;
}

Tensor decode_png_labels(Bytes file) {
  const auto [width, height] = png_size(file);
  require_size(width, height, kMaxPixels);
  const std::size_t size = number_at(file, kDepthOffset, 1, true) > 8 ? 2 : 1;
  const std::size_t row_bytes = static_cast<std::size_t>(width) * size;
  std::vector<png_byte> bytes(static_cast<std::size_t>(height) * row_bytes);
  std::vector<png_bytep> rows;
  for (std::int64_t y = 0; y < height; ++y) {
    rows.push_back(bytes.data() + static_cast<std::size_t>(y) * row_bytes);
  }
  PngReader reader(file);
  if (!reader.read(rows.data(), row_bytes, true)) throw_damaged(printable(reader.message()));
  std::vector<std::int32_t> labels(bytes.size() / size);
  for (std::size_t k = 0; k < labels.size(); ++k) {
    labels[k] = size == 1 ? bytes[k] : bytes[2 * k] << 8 | bytes[2 * k + 1];
  }
  return make_tensor({height, width}, std::move(labels));
}

}  // namespace tv2onnx
