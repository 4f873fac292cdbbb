#pragma once
/// \file
/// Photos: reading them as PyTorch users do, drawing what was found on them, writing them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/tensor.h"

namespace TV2ONNX_API tv2onnx {

/// Images with more pixels are refused before any memory is taken for them; the same number as
/// PIL's limit against decompression bombs.
inline constexpr std::int64_t kMaxPixels = 178'956'970;

struct ImageOptions {
  /// Pixels as they are stored: PIL.Image.open gives them so, and leaves it to the caller to apply
  /// PIL.ImageOps.exif_transpose. false: upright, as every viewer and OpenCV show the photo.
  bool ignore_exif = false;
  std::int64_t max_pixels = kMaxPixels;  ///< images with more are refused
};

/// Decodes JPEG, PNG, WebP or BMP, detected from the content, to uint8 [1, height, width, 3], RGB.
/// The pixels are those of PIL's Image.open(file).convert("RGB"): grey and palettes are expanded,
/// transparency is dropped, CMYK is converted by PIL's formula, colour profiles are not applied.
/// Of 16-bit PNGs the high byte is taken, also for grey ones, which PIL clips at 255 instead.
/// A file that ends too early is an error; a JPEG whose data are garbled but complete is not, as in
/// PIL.
/// \throws Error I001 (none of the formats), I002 (damaged), I003 (too large), I004 (a variant that
/// is not supported).
Tensor decode_image(std::span<const std::byte> file, const ImageOptions& options = {});

/// Reads a file and decodes it. \throws Error C001 (cannot be read), or as decode_image, with the
/// path.
Tensor read_image(const std::filesystem::path& path, const ImageOptions& options = {});

enum class ImageFormat { kJpeg, kPng };

/// Encodes uint8 [1, height, width, 3]; JPEG with quality 95. \throws Error I003 (larger than the
/// format allows).
std::vector<std::byte> encode_image(const Tensor& image, ImageFormat format);

/// A box to be drawn.
struct DrawnBox {
  std::array<float, 4> box{};  ///< x1, y1, x2, y2 in pixels
  std::string text;            ///< printable ASCII; other characters become '?'
  std::int64_t colour = 0;     ///< class number: each has a colour of its own, the same always
};

/// A copy of uint8 [1, height, width, 3] with boxes and labels drawn, the first box topmost. Line
/// width and letters follow the size of the image; labels stay inside it and, where there is room,
/// clear of each other.
Tensor draw_boxes(const Tensor& image, std::span<const DrawnBox> boxes);

/// The pixels of one object.
struct PixelMask {
  std::int64_t x = 0;  ///< of the rectangle that holds all of them, in the image
  std::int64_t y = 0;  ///< likewise
  Tensor inside;       ///< uint8 [height, width] of the rectangle, 1 where the object is, else 0
};

/// A mask to be drawn.
struct DrawnMask {
  PixelMask mask;
  std::int64_t colour = 0;  ///< as in DrawnBox
};

/// A copy of uint8 [1, height, width, 3] with masks drawn, translucent and outlined, the first mask
/// topmost. What lies outside the image is not drawn.
Tensor draw_masks(const Tensor& image, std::span<const DrawnMask> masks);

/// Keypoints of one object to be drawn.
struct DrawnKeypoints {
  std::vector<std::array<float, 2>> points;  ///< x, y in pixels
  std::int64_t colour = 0;                   ///< as in DrawnBox
};

/// A copy of uint8 [1, height, width, 3] with keypoints drawn, the first object topmost. Where an
/// object has the 17 points of COCO's persons they are joined to its skeleton.
Tensor draw_keypoints(const Tensor& image, std::span<const DrawnKeypoints> objects);

/// A line of a legend: a class with what is written on its plate.
struct LegendEntry {
  std::int64_t colour = 0;  ///< class number, as in DrawnBox
  std::string text;         ///< as in DrawnBox
};

/// A copy of uint8 [1, height, width, 3] with the pixels of each class of the legend tinted and
/// outlined, and the legend in the corner where it hides least of them; as many entries as there is
/// room for. Pixels of other classes, such as the background, stay as they are.
/// \param labels int32 [height, width], the class of each pixel
Tensor draw_label_map(const Tensor& image, const Tensor& labels,
                      std::span<const LegendEntry> legend);

/// int32 [height, width] as PNG whose pixels are those numbers: of 0..255 with a palette, black for
/// 0, class_colour() for the others; if there are larger ones, up to 65535, grey of 16 bits.
/// \throws Error R006 for other tensors and numbers.
std::vector<std::byte> encode_label_map(const Tensor& labels);

/// Such a file, or another PNG with a palette or grey of 1, 8 or 16 bits, as int32 [height, width]:
/// numpy.array(PIL.Image.open(file)). \throws Error as decode_image; I004 also for other kinds of
/// image.
Tensor decode_label_map(std::span<const std::byte> file);
/// Reads a file and decodes it. \throws Error likewise, or C001, with the path.
Tensor read_label_map(const std::filesystem::path& path);

/// float32 [1, 2, height, width], pixels to the right and down, as uint8 [1, height, width, 3]: the
/// usual colour wheel, pale where little moves, as torchvision.utils.flow_to_image within one
/// level. The longest movement has the strongest colour. Pixels whose flow is not finite are black.
/// \throws Error R006 for other tensors.
Tensor draw_flow(const Tensor& flow);

/// The colour of a class as 0xRRGGBB.
std::uint32_t class_colour(std::int64_t class_number);

}  // namespace TV2ONNX_API tv2onnx
