#include "run/photo.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "image/photo_resize.h"
#include "run/prepare.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

Tensor image_of(const Tensor& images, std::int64_t index) {
  const auto bytes = images.as<std::uint8_t>();
  const auto size = static_cast<std::size_t>(images.size() / images.shape[0]);
  const auto* begin = bytes.data() + static_cast<std::size_t>(index) * size;
  return make_tensor({1, images.shape[1], images.shape[2], images.shape[3]},
                     std::vector<std::uint8_t>(begin, begin + size));
}

}  // namespace

ImageSize resized_photo_size(const ImageSize& size, const std::vector<std::int64_t>& resize) {
  if (resize.empty()) return size;
  if (resize.size() == 2) return {resize[0], resize[1]};
  const std::int64_t shorter = std::min(size[0], size[1]);
  return {resize[0] * size[0] / shorter, resize[0] * size[1] / shorter};
}

void require_resized_pixels(const Tensor& images, const PhotoSpec& photo, const std::string& file) {
  if (images.shape[0] == 0) return;
  const ImageSize from{images.shape[1], images.shape[2]};
  if (images.size() == 0) {
    throw Error({.code = "I002",
                 .found = fmt::format("an image of height {} and width {}", from[0], from[1]),
                 .where = {.file = file},
                 .expected = "at least one pixel"});
  }
  const ImageSize to = resized_photo_size(from, photo.resize);
  if (to[0] <= kMaxPixels / to[1]) return;
  throw Error({.code = "I003",
               .found = fmt::format("an image of height {} and width {}, which the file resizes to "
                                    "height {} and width {}",
                                    from[0], from[1], to[0], to[1]),
               .where = {.file = file},
               .expected = fmt::format("at most {} million pixels", kMaxPixels / 1'000'000),
               .hint = "cut the image into parts"});
}

PhotoSpec assumed_photo(const ImageInput& input, std::string& assumption) {
  PhotoSpec photo;
  if (const auto size = input.only_size()) {
    // The same share is cut off as of 256 pixels.
    constexpr std::int64_t kUsualResize = 256;
    constexpr std::int64_t kUsualCrop = 224;
    photo.crop = {(*size)[0], (*size)[1]};
    photo.resize = {std::max((*size)[0], (*size)[1]) * kUsualResize / kUsualCrop};
  }
  const bool inside = input.normalises || input.bytes();
  assumption = fmt::format("the file does not say how photos are prepared; assumed: {}{}",
                           resizing_text(photo), inside ? "" : ", ImageNet's mean and deviation");
  return photo;
}

Tensor as_bytes(const Tensor& images) {
  if (images.dtype == DType::kUInt8) return images;
  const Extent extent = extent_of(images);
  ImageInput bytes;
  bytes.port.dtype = DType::kUInt8;
  bytes.port.shape = {extent.batch, extent.height, extent.width, extent.channels};
  bytes.layout = Layout::kPixels;
  bytes.range = PixelRange::kByte;
  bytes.order = ChannelOrder::kRgb;
  return prepare(images, bytes, preparation_for(bytes));
}

Tensor resized_and_cropped(const Tensor& images, const PhotoSpec& photo) {
  if (images.shape[0] == 0) return images;  // of any size, also of none
  const ImageSize to = resized_photo_size({images.shape[1], images.shape[2]}, photo.resize);
  std::vector<std::uint8_t> all;
  Shape shape = images.shape;
  for (std::int64_t k = 0; k < images.shape[0]; ++k) {
    Tensor image = image_of(images, k);
    if (to != ImageSize{image.shape[1], image.shape[2]}) {
      image = resized_photo(image, to[0], to[1], {photo.bicubic, photo.antialias});
    }
    if (!photo.crop.empty()) image = centre_crop(image, photo.crop.front(), photo.crop.back());
    const auto bytes = image.as<std::uint8_t>();
    all.insert(all.end(), bytes.begin(), bytes.end());
    shape = image.shape;
  }
  shape[0] = images.shape[0];
  return make_tensor(shape, std::move(all));
}

}  // namespace tv2onnx
