// Bilinear interpolation at a place p between pixels a and b with fraction f is a + f (b - a). What
// float32 can make of it: three roundings of p, each by a share of 2^-24, move the value by as much
// of the steps between pixels there; and eight roundings of numbers up to 255. Pixels that are
// further from the exact value than half a level and that are no rounding of it.

#include "verify/pixel_difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "image/photo_resize.h"
#include "run/photo.h"

namespace tv2onnx {
namespace {

const double kEpsilon = std::ldexp(1.0, -24);
const double kArithmetic = 8 * 255 * kEpsilon;

/// Where an output pixel lies on an axis.
struct Place {
  bool inside = false;  ///< of the photo; else in the padding
  std::int64_t first = 0;
  std::int64_t second = 0;
  double fraction = 0;
  double error = 0;  ///< of float32
};

std::vector<Place> places_of(std::int64_t from, std::int64_t to, std::int64_t start,
                             std::int64_t count) {
  std::vector<Place> places(static_cast<std::size_t>(count));
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  for (std::int64_t k = 0; k < count; ++k) {
    const std::int64_t pixel = start + k;
    if (pixel < 0 || pixel >= to) continue;
    const double exact = std::max((static_cast<double>(pixel) + 0.5) * scale - 0.5, 0.0);
    const auto first = std::min(static_cast<std::int64_t>(exact), from - 1);
    const double error = from == to ? 0 : 4 * kEpsilon * (exact + 1);
    places[static_cast<std::size_t>(k)] = {true, first, std::min(first + 1, from - 1),
                                           std::min(exact - static_cast<double>(first), 1.0),
                                           error};
  }
  return places;
}

/// One channel of one image.
struct Plane {
  const std::uint8_t* pixels;
  std::int64_t height;
  std::int64_t width;
  std::int64_t channels;

  double at(std::int64_t y, std::int64_t x) const {
    const std::int64_t row = std::clamp<std::int64_t>(y, 0, height - 1);
    const std::int64_t column = std::clamp<std::int64_t>(x, 0, width - 1);
    return pixels[(row * width + column) * channels];
  }
};

/// The largest step to a neighbour along an axis, of the pixels that a place is made of; the place
/// may be found in the cell beside.
double largest_step(const Plane& plane, const Place& row, const Place& column, bool along_rows) {
  double most = 0;
  for (const std::int64_t across :
       along_rows ? std::array{column.first, column.second} : std::array{row.first, row.second}) {
    const std::int64_t start = (along_rows ? row.first : column.first) - 1;
    for (std::int64_t k = start; k < start + 3; ++k) {
      const double step = along_rows ? plane.at(k + 1, across) - plane.at(k, across)
                                     : plane.at(across, k + 1) - plane.at(across, k);
      most = std::max(most, std::abs(step));
    }
  }
  return most;
}

bool is_rounded(const Plane& plane, const Place& row, const Place& column, std::uint8_t pixel) {
  if (!row.inside || !column.inside) return pixel == 0;
  const auto along = [&](std::int64_t y) {
    const double left = plane.at(y, column.first);
    return left + column.fraction * (plane.at(y, column.second) - left);
  };
  const double top = along(row.first);
  const double exact = top + row.fraction * (along(row.second) - top);
  const double apart = std::abs(exact - pixel) - 0.5;
  if (apart <= kArithmetic) return true;
  return apart <= kArithmetic + row.error * largest_step(plane, row, column, true) +
                      column.error * largest_step(plane, row, column, false);
}

bool interpolated(const PhotoSpec& spec) {
  return !spec.antialias && !spec.resize.empty();
}

/// With what is the same in both ways of comparing.
PixelDifference counted_difference(const Tensor& found, const Tensor& expected) {
  PixelDifference result;
  const auto a = found.as<std::uint8_t>();
  const auto b = expected.as<std::uint8_t>();
  const auto channels = static_cast<std::size_t>(expected.shape.back());
  std::size_t differ = 0;
  for (std::size_t pixel = 0; pixel < a.size(); pixel += channels) {
    int most = 0;
    for (std::size_t c = 0; c < channels; ++c) {
      most = std::max(most, std::abs(a[pixel + c] - b[pixel + c]));
    }
    result.most = std::max(result.most, static_cast<double>(most));
    differ += most > 0 ? 1 : 0;
  }
  result.share = static_cast<double>(differ * channels) /
                 static_cast<double>(std::max<std::size_t>(a.size(), 1));
  return result;
}

}  // namespace

std::size_t beyond_rounding(const Tensor& images, const Tensor& pixels, const PhotoSpec& spec) {
  const std::size_t extra = pixels.shape.size() == 4 ? 1 : 0;  // without batch: of one image
  const std::int64_t height = pixels.shape[extra];
  const std::int64_t width = pixels.shape[extra + 1];
  const ImageSize from{images.shape[1], images.shape[2]};
  const ImageSize to = resized_photo_size(from, spec.resize);
  const auto start = [&](std::size_t axis, std::int64_t side) {
    return spec.crop.empty() ? 0 : crop_start(to[axis], side);
  };
  const std::vector<Place> rows = places_of(from[0], to[0], start(0, height), height);
  const std::vector<Place> columns = places_of(from[1], to[1], start(1, width), width);
  const std::int64_t channels = images.shape[3];
  const auto* image = images.as<std::uint8_t>().data();
  const auto* pixel = pixels.as<std::uint8_t>().data();
  std::size_t wrong = 0;
  for (std::int64_t k = 0; k < images.shape[0]; ++k, image += from[0] * from[1] * channels) {
    for (const Place& row : rows) {
      for (const Place& column : columns) {
        for (std::int64_t c = 0; c < channels; ++c) {
          const Plane plane{image + c, from[0], from[1], channels};
          wrong += is_rounded(plane, row, column, *pixel++) ? 0 : 1;
        }
      }
    }
  }
  return wrong;
}

PixelDifference pixel_difference(const Tensor& images, const Tensor& found, const Tensor& expected,
                                 const PhotoSpec& spec) {
  const std::size_t extra = found.shape.size() > expected.shape.size() ? 1 : 0;  // a batch of one
  const Shape shape(found.shape.begin() + static_cast<std::ptrdiff_t>(extra), found.shape.end());
  if (shape != expected.shape || found.dtype != expected.dtype) {
    PixelDifference other;
    other.reason = fmt::format("the photo is prepared to {}, in the reference to {}",
                               shape_text(shape), shape_text(expected.shape));
    return other;
  }
  PixelDifference result = counted_difference(found, expected);
  if (result.most == 0) return result;
  if (interpolated(spec)) {
    const Tensor bytes = as_bytes(images);
    const std::size_t ours = beyond_rounding(bytes, found, spec);
    const std::size_t theirs = beyond_rounding(bytes, expected, spec);
    if (ours + theirs == 0) return result;
    result.reason = fmt::format(
        "resized pixels differ by up to {} levels: {} of the file and {} of the reference are no "
        "rounding of the interpolated value",
        result.most, ours, theirs);
    return result;
  }
  result.reason = fmt::format("resized pixels differ by up to {} levels, {:.2g} % of them",
                              result.most, 100 * result.share);
  return result;
}

}  // namespace tv2onnx
