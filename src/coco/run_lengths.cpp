// COCO's run lengths of a mask.

#include <fmt/format.h>

#include "image/pixels.h"
#include "tv2onnx/coco.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// Calls visit(begin, end) for every piece of the object in a column; the places count pixels
/// down the columns of the image.
template <typename Visit>
void visit_pieces(const PixelMask& mask, std::int64_t image_height, Visit visit) {
  const auto inside = mask.inside.as<std::uint8_t>();
  const std::int64_t height = mask.inside.shape[0];
  const std::int64_t width = mask.inside.shape[1];
  for (std::int64_t x = 0; x < width; ++x) {
    const std::int64_t top = (mask.x + x) * image_height + mask.y;
    std::int64_t begin = -1;
    for (std::int64_t y = 0; y <= height; ++y) {
      const bool in = y < height && inside[static_cast<std::size_t>(y * width + x)] != 0;
      if (in && begin < 0) begin = y;
      if (in || begin < 0) continue;
      visit(top + begin, top + y);
      begin = -1;
    }
  }
}

/// Lengths of the runs, outside first.
std::vector<std::int64_t> run_lengths(const PixelMask& mask, const ImageSize& size) {
  std::vector<std::int64_t> ends;
  visit_pieces(mask, size[0], [&](std::int64_t begin, std::int64_t end) {
    // A piece down to the last row may go on at the top of the next column.
    if (!ends.empty() && ends.back() == begin) {
      ends.back() = end;
    } else {
      ends.insert(ends.end(), {begin, end});
    }
  });
  const std::int64_t total = size[0] * size[1];
  if (ends.empty() || ends.back() != total) ends.push_back(total);
  for (std::size_t k = ends.size() - 1; k > 0; --k) ends[k] -= ends[k - 1];
  return ends;
}

/// A number in groups of five bits, low ones first, with a sixth bit for "more follows" and the
/// sign in the last group's highest bit: pycocotools' rleToString.
void append_number(std::string& text, std::int64_t number) {
  for (bool more = true; more;) {
    const std::int64_t group = number & 0x1F;
    number >>= 5;
    more = (group & 0x10) != 0 ? number != -1 : number != 0;
    text += static_cast<char>('0' + (group | (more ? 0x20 : 0)));
  }
}

}  // namespace

CocoRle coco_rle(const PixelMask& mask, const ImageSize& size) {
  check_mask(mask);
  const Shape& shape = mask.inside.shape;
  const bool image = size[0] <= INT32_MAX && size[1] <= INT32_MAX;
  if (!image || mask.x < 0 || mask.y < 0 || mask.y + shape[0] > size[0] ||
      mask.x + shape[1] > size[1]) {
    throw Error({.code = "R006",
                 .found = fmt::format("a mask of {} at {}, {} in an image of {}x{}",
                                      shape_text(shape), mask.x, mask.y, size[0], size[1]),
                 .expected = "a mask that lies inside the image"});
  }
  const std::vector<std::int64_t> lengths = run_lengths(mask, size);
  CocoRle rle{size, ""};
  for (std::size_t k = 0; k < lengths.size(); ++k) {
    // From the fourth on, the difference from the last run of the same kind.
    append_number(rle.counts, k > 2 ? lengths[k] - lengths[k - 2] : lengths[k]);
  }
  return rle;
}

}  // namespace tv2onnx
