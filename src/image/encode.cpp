#include <fmt/format.h>
#include <png.h>

#include <array>
#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it before
#include <cstdlib>

#include <jpeglib.h>

#include "image/pixels.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

constexpr int kJpegQuality = 95;
constexpr std::int64_t kMaxJpegSide = 65500;  // libjpeg's own limit

/// State of libjpeg. It reports errors by longjmp, so run() holds no objects with destructors.
class JpegWriter {
 public:
  explicit JpegWriter(const Tensor& image) : image_(image) {
    info_.err = jpeg_std_error(&errors_);
    errors_.error_exit = [](j_common_ptr info) {
      std::longjmp(static_cast<JpegWriter*>(info->client_data)->jump_, 1);
    };
    errors_.output_message = [](j_common_ptr) {};
    info_.client_data = this;
  }
  ~JpegWriter() {
    jpeg_destroy_compress(&info_);
    std::free(data_);
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;

  bool run() {
    if (setjmp(jump_) != 0) return false;
    jpeg_create_compress(&info_);
    jpeg_mem_dest(&info_, &data_, &size_);
    info_.image_width = static_cast<JDIMENSION>(image_.shape[2]);
    info_.image_height = static_cast<JDIMENSION>(image_.shape[1]);
    info_.input_components = 3;
    info_.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info_);
    jpeg_set_quality(&info_, kJpegQuality, TRUE);
    jpeg_start_compress(&info_, TRUE);
    while (info_.next_scanline < info_.image_height) {
      const std::size_t offset = std::size_t{info_.next_scanline} * info_.image_width * 3;
      auto* row = const_cast<JSAMPROW>(image_.as<std::uint8_t>().data() + offset);
      jpeg_write_scanlines(&info_, &row, 1);
    }
    jpeg_finish_compress(&info_);
    return true;
  }

  std::span<const unsigned char> bytes() const { return {data_, size_}; }

 private:
  const Tensor& image_;
  jpeg_compress_struct info_{};
  jpeg_error_mgr errors_{};
  std::jmp_buf jump_{};
  unsigned char* data_ = nullptr;
  unsigned long size_ = 0;
};

std::vector<std::byte> copy_of(std::span<const unsigned char> bytes) {
  const auto raw = std::as_bytes(bytes);
  return {raw.begin(), raw.end()};
}

[[noreturn]] void fail(const char* format) {
  throw Error(
      {.code = "X001", .found = fmt::format("the picture cannot be written as {}", format)});
}

std::vector<std::byte> encode_jpeg(const Tensor& image) {
  const auto [width, height] = std::array{image.shape[2], image.shape[1]};
  if (width > kMaxJpegSide || height > kMaxJpegSide) {
    throw Error({.code = "I003",
                 .found = fmt::format("{} x {} pixels do not fit into a JPEG", width, height),
                 .expected = fmt::format("at most {} on each side", kMaxJpegSide)});
  }
  JpegWriter writer(image);
  if (!writer.run()) fail("JPEG");
  return copy_of(writer.bytes());
}

std::vector<std::byte> encode_png(const Tensor& image) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  header.width = static_cast<png_uint_32>(image.shape[2]);
  header.height = static_cast<png_uint_32>(image.shape[1]);
  header.format = PNG_FORMAT_RGB;
  std::vector<unsigned char> file(PNG_IMAGE_PNG_SIZE_MAX(header));
  png_alloc_size_t size = file.size();
  const auto row_bytes = static_cast<png_int_32>(PNG_IMAGE_ROW_STRIDE(header));
  if (png_image_write_to_memory(&header, file.data(), &size, 0, image.data, row_bytes, nullptr) ==
      0) {
    fail("PNG");
  }
  return copy_of({file.data(), size});
}

}  // namespace

std::vector<std::byte> encode_image(const Tensor& image, ImageFormat format) {
  check_image(image);
  return format == ImageFormat::kJpeg ? encode_jpeg(image) : encode_png(image);
}

}  // namespace tv2onnx
