#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/platform_files.h"
#include "base/text.h"
#include "image/codec.h"
#include "image/exif.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30;

using Decoder = Pixels (*)(Bytes, std::int64_t);

/// How files of a kind begin. Those without a decoder are only named in the error.
struct Signature {
  std::size_t offset;
  std::string_view bytes;
  std::string_view name;
  Decoder decode;
};

using namespace std::string_view_literals;
constexpr auto kSignatures = std::to_array<Signature>({
    {0, "\xFF\xD8\xFF"sv, "JPEG", decode_jpeg},
    {0, "\x89PNG\r\n\x1A\n"sv, "PNG", decode_png},
    {8, "WEBP"sv, "WebP", decode_webp},
    {0, "BM"sv, "BMP", decode_bmp},
    {0, "GIF8"sv, "a GIF", nullptr},
    {0, "II*\0"sv, "a TIFF", nullptr},
    {0, "MM\0*"sv, "a TIFF", nullptr},
    {4, "ftypavif"sv, "an AVIF", nullptr},
    {4, "ftyphei"sv, "a HEIC photo", nullptr},
    {4, "ftypmif1"sv, "a HEIF photo", nullptr},
    {4, "ftyp"sv, "an MP4 or QuickTime film", nullptr},
    {0, "\0\0\0\x0CjP  "sv, "a JPEG 2000", nullptr},
    {0, "\xFF\x0A"sv, "a JPEG XL", nullptr},
    {0, "\0\0\0\x0CJXL "sv, "a JPEG XL", nullptr},
    {0, "\0\0\x01\0"sv, "an icon", nullptr},
    {0, "8BPS"sv, "a Photoshop file", nullptr},
    {0, "%PDF"sv, "a PDF", nullptr},
    {0, "<svg"sv, "an SVG drawing", nullptr},
    {0, "<!DOCTYPE"sv, "a web page", nullptr},
    {0, "<html"sv, "a web page", nullptr},
    {0, "version https://git-lfs"sv, "a Git LFS pointer; git lfs pull fetches the file", nullptr},
});

bool matches(const Signature& signature, Bytes file) {
  return file.size() >= signature.offset + signature.bytes.size() &&
         std::memcmp(bytes_at(file, signature.offset), signature.bytes.data(),
                     signature.bytes.size()) == 0;
}

const Signature& signature_of(Bytes file) {
  const auto row = std::ranges::find_if(
      kSignatures, [&](const Signature& signature) { return matches(signature, file); });
  if (row != kSignatures.end() && row->decode != nullptr) return *row;
  const std::string_view start(reinterpret_cast<const char*>(file.data()),
                               std::min<std::size_t>(file.size(), 16));
  throw Error({.code = "I001",
               .found = file.empty() ? "the file is empty"
                        : row == kSignatures.end()
                            ? fmt::format("no image: it begins with \"{}\"", printable(start))
                            : fmt::format("it is {}", row->name),
               .expected = "JPEG, PNG, WebP or BMP"});
}

[[noreturn]] void unreadable(const std::filesystem::path& path, const std::string& found) {
  throw Error({.code = "C001", .found = found, .where = {.file = path.string()}});
}

std::vector<std::byte> read_file(const std::filesystem::path& path) {
  std::error_code problem;
  const auto kind = std::filesystem::status(path, problem).type();
  if (problem) unreadable(path, problem.message());
  if (kind == std::filesystem::file_type::directory) unreadable(path, "it is a folder");
  if (kind != std::filesystem::file_type::regular) unreadable(path, "it is not a regular file");
  const std::uint64_t size = std::filesystem::file_size(path, problem);
  if (problem) unreadable(path, problem.message());
  if (size > kMaxFileBytes) {
    throw Error({.code = "I003",
                 .found = fmt::format("a file of {}", size_text(size)),
                 .where = {.file = path.string()},
                 .expected = fmt::format("at most {}", size_text(kMaxFileBytes))});
  }
  errno = 0;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(platform::open_stream(path),
                                                             std::fclose);
  if (!file) unreadable(path, std::strerror(errno));
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  // It may have been cut meanwhile.
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file.get()));
  return bytes;
}

}  // namespace

void require_size(std::int64_t width, std::int64_t height, std::int64_t max_pixels) {
  if (width <= 0 || height <= 0) throw_damaged(fmt::format("a size of {} x {}", width, height));
  if (width > max_pixels / height) {
    throw Error(
        {.code = "I003",
         .found = fmt::format("the image is {} x {} pixels", width, height),
         .expected = fmt::format("at most {} pixels", max_pixels),
         .hint = "scale it down; detectors shrink images to about 1 million pixels anyway"});
  }
}

Pixels allocate_pixels(std::int64_t width, std::int64_t height, std::int64_t max_pixels) {
  require_size(width, height, max_pixels);
  return make_pixels(static_cast<int>(width), static_cast<int>(height));
}

void throw_damaged(const std::string& reason) {
  throw Error({.code = "I002", .found = "the image is damaged: " + reason});
}

void throw_unsupported(const std::string& reason) {
  throw Error({.code = "I004",
               .found = "unsupported kind of image: " + reason,
               .hint = "convert it to an ordinary JPEG or PNG"});
}

Tensor decode_image(Bytes file, const ImageOptions& options) {
  const Pixels pixels = signature_of(file).decode(file, options.max_pixels);
  if (options.ignore_exif) return tensor_of(pixels);
  return tensor_of(upright(pixels, exif_orientation(file)));
}

Tensor read_image(const std::filesystem::path& path, const ImageOptions& options) {
  try {
    return decode_image(read_file(path), options);
  } catch (const Error& error) {
    throw error.in_file(path.string());
  }
}

Tensor decode_label_map(Bytes file) {
  const std::string_view kind = signature_of(file).name;
  constexpr std::size_t kDepth = 24;  // bits of a number, in IHDR; the kind of colours is next
  const std::uint32_t depth = number_at(file, kDepth, 1, true);
  const std::uint32_t colours = number_at(file, kDepth + 1, 1, true);
  constexpr std::uint32_t kGrey = 0;
  constexpr std::uint32_t kPalette = 3;
  // Of grey ones of 2 or 4 bits PIL gives 85 or 17 times the number.
  const bool numbers =
      colours == kPalette || (colours == kGrey && (depth == 1 || depth == 8 || depth == 16));
  if (kind == "PNG" && numbers) return decode_png_labels(file);
  throw Error(
      {.code = "I004",
       .found = kind != "PNG" ? fmt::format("a label map as {}", kind)
                : colours == kGrey
                    ? fmt::format("a label map of {} bits, which readers disagree on", depth)
                    : "a picture in colours where a label map is expected",
       .expected = "PNG with a palette, or grey of 1, 8 or 16 bits: a pixel is the number of its "
                   "class"});
}

Tensor read_label_map(const std::filesystem::path& path) {
  try {
    return decode_label_map(read_file(path));
  } catch (const Error& error) {
    throw error.in_file(path.string());
  }
}

}  // namespace tv2onnx
