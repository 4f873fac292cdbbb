// JPEG by libjpeg, which PIL and torchvision use too: the same pixels.

#include <array>
#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it before
#include <vector>

#include <jerror.h>
#include <jpeglib.h>

#include "base/text.h"
#include "image/codec.h"

namespace tv2onnx {
namespace {

constexpr int kMaxScans = 500;  // more, in a progressive file, only serve to burn time

/// State of libjpeg. It reports errors by longjmp, so the members that call it hold no objects with
/// destructors.
class JpegReader {
 public:
  explicit JpegReader(Bytes file) : file_(file) {
    info_.err = jpeg_std_error(&errors_);
    errors_.error_exit = on_error;
    errors_.emit_message = on_message;
    errors_.output_message = [](j_common_ptr) {};
    progress_.progress_monitor = on_progress;
    info_.client_data = this;
  }
  ~JpegReader() { jpeg_destroy_decompress(&info_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  bool read_header() {
    if (setjmp(jump_) != 0) return false;
    jpeg_create_decompress(&info_);
    info_.progress = &progress_;
    jpeg_mem_src(&info_, bytes_at(file_), file_.size());
    return jpeg_read_header(&info_, TRUE) == JPEG_HEADER_OK;
  }

  /// `pixels` has output_components() bytes per pixel.
  bool read_pixels(std::uint8_t* pixels) {
    if (setjmp(jump_) != 0) return false;
    info_.out_color_space = is_cmyk() ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(&info_);
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row = pixels + std::size_t{info_.output_scanline} * info_.output_width * channels();
      jpeg_read_scanlines(&info_, &row, 1);
    }
    jpeg_finish_decompress(&info_);
    return true;
  }

  bool is_cmyk() const {
    return info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK;
  }
  std::size_t channels() const { return is_cmyk() ? 4 : 3; }
  std::int64_t width() const { return info_.image_width; }
  std::int64_t height() const { return info_.image_height; }
  bool ended_early() const { return ended_early_; }
  bool unsupported() const { return unsupported_; }
  const char* message() const { return message_.data(); }

 private:
  static JpegReader& self(j_common_ptr info) {
    return *static_cast<JpegReader*>(info->client_data);
  }

  static void on_error(j_common_ptr info) {
    JpegReader& reader = self(info);
    info->err->format_message(info, reader.message_.data());
    const int code = info->err->msg_code;
    reader.unsupported_ = code == JERR_SOF_UNSUPPORTED || code == JERR_BAD_PRECISION ||
                          code == JERR_CONVERSION_NOTIMPL || code == JERR_ARITH_NOTIMPL;
    std::longjmp(reader.jump_, 1);
  }

  /// libjpeg goes on with made-up data after a warning. That the file ended is the one that counts.
  static void on_message(j_common_ptr info, int level) {
    if (level < 0 && info->err->msg_code == JWRN_JPEG_EOF) self(info).ended_early_ = true;
  }

  static void on_progress(j_common_ptr info) {
    JpegReader& reader = self(info);
    if (reader.info_.input_scan_number <= kMaxScans) return;
    std::snprintf(reader.message_.data(), reader.message_.size(), "more than %d scans", kMaxScans);
    std::longjmp(reader.jump_, 1);
  }

  Bytes file_;
  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf jump_{};
  std::array<char, JMSG_LENGTH_MAX> message_{};
  bool ended_early_ = false;
  bool unsupported_ = false;
};

[[noreturn]] void fail(const JpegReader& reader) {
  const std::string reason = printable(reader.message());
  if (reader.unsupported()) throw_unsupported(reason);
  throw_damaged(reason);
}

/// a * b / 255, rounded, as PIL computes it.
unsigned scaled(unsigned a, unsigned b) {
  const unsigned product = a * b + 128;
  return ((product >> 8U) + product) >> 8U;
}

/// Values are stored inverted, as Adobe does and PIL assumes: 255 is no ink.
void convert_cmyk(const std::vector<std::uint8_t>& cmyk, std::uint8_t* out) {
  for (std::size_t k = 0; k < cmyk.size(); k += 4) {
    const unsigned light = cmyk[k + 3];
    for (std::size_t c = 0; c < 3; ++c) {
      *out++ = static_cast<std::uint8_t>(light - scaled(255U - cmyk[k + c], light));
    }
  }
}

}  // namespace

Pixels decode_jpeg(Bytes file, std::int64_t max_pixels) {
  JpegReader reader(file);
  if (!reader.read_header()) fail(reader);
  const Pixels pixels = allocate_pixels(reader.width(), reader.height(), max_pixels);
  if (reader.is_cmyk()) {
    std::vector<std::uint8_t> cmyk(pixels.byte_size() / 3 * 4);
    if (!reader.read_pixels(cmyk.data())) fail(reader);
    convert_cmyk(cmyk, pixels.rgb.get());
  } else if (!reader.read_pixels(pixels.rgb.get())) {
    fail(reader);
  }
  if (reader.ended_early()) throw_damaged("the file ends before the picture does");
  return pixels;
}

}  // namespace tv2onnx
