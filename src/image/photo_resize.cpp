#include "image/photo_resize.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace tv2onnx {
namespace {

using PhotoBytes = std::vector<std::uint8_t>;

constexpr double kUnit = 1 << 22;  // Pillow's weights are whole numbers of so many parts

/// Pillow's filters; the cubic one with a = -0.5.
double filtered(double distance, bool bicubic) {
  const double x = std::abs(distance);
  if (!bicubic) return std::max(0.0, 1 - x);
  constexpr double kA = -0.5;
  if (x < 1) return ((kA + 2) * x - (kA + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * kA : 0;
}

/// What one pixel of an axis is made of: weights of the pixels from `first` on.
struct Source {
  std::int64_t first = 0;
  std::vector<double> weights;
};

Source source_of(std::int64_t place, std::int64_t from, std::int64_t to,
                 const Resampling& resampling) {
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double width = resampling.antialias ? std::max(scale, 1.0) : 1.0;
  const double reach = (resampling.bicubic ? 2 : 1) * width;
  const double centre = (static_cast<double>(place) + 0.5) * scale - 0.5;
  const auto inside = [&](double pixel) {
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(pixel), 0, from - 1);
  };
  Source source{inside(std::ceil(centre - reach)), {}};
  double sum = 0;
  for (std::int64_t pixel = source.first; pixel <= inside(std::floor(centre + reach)); ++pixel) {
    const double distance = (static_cast<double>(pixel) - centre) / width;
    sum += source.weights.emplace_back(filtered(distance, resampling.bicubic));
  }
  for (double& weight : source.weights) {
    weight /= sum;
    if (resampling.antialias) weight = std::round(weight * kUnit);
  }
  return source;
}

/// Rows of `unit` numbers, in groups; the rows of each group become `to`.
struct Axis {
  std::int64_t groups = 1;
  std::int64_t from = 1;
  std::int64_t to = 1;
  std::int64_t unit = 1;
};

template <typename Number>
std::vector<double> resampled(const std::vector<Number>& numbers, const Axis& axis,
                              const Resampling& resampling) {
  const auto unit = static_cast<std::size_t>(axis.unit);
  std::vector<double> result(static_cast<std::size_t>(axis.groups * axis.to) * unit);
  for (std::int64_t place = 0; place < axis.to; ++place) {
    const Source source = source_of(place, axis.from, axis.to, resampling);
    for (std::int64_t group = 0; group < axis.groups; ++group) {
      double* target = result.data() + static_cast<std::size_t>(group * axis.to + place) * unit;
      const Number* row =
          numbers.data() + static_cast<std::size_t>(group * axis.from + source.first) * unit;
      for (const double weight : source.weights) {
        for (std::size_t k = 0; k < unit; ++k) target[k] += weight * static_cast<double>(row[k]);
        row += unit;
      }
    }
  }
  return result;
}

/// Of sums of parts, rounded as Pillow does; of numbers, as torch does.
PhotoBytes levels(const std::vector<double>& numbers, bool parts) {
  PhotoBytes bytes(numbers.size());
  std::ranges::transform(numbers, bytes.begin(), [parts](double number) {
    const double whole = parts ? std::floor((number + kUnit / 2) / kUnit) : std::nearbyint(number);
    return static_cast<std::uint8_t>(std::clamp(whole, 0.0, 255.0));
  });
  return bytes;
}

}  // namespace

Tensor resized_photo(const Tensor& photo, std::int64_t height, std::int64_t width,
                     const Resampling& resampling) {
  const std::int64_t channels = photo.shape[3];
  const Axis columns{photo.shape[1], photo.shape[2], width, channels};
  const Axis rows{1, photo.shape[1], height, width * channels};
  const auto pixels = photo.as<std::uint8_t>();
  const std::vector<double> narrow =
      resampled(PhotoBytes(pixels.begin(), pixels.end()), columns, resampling);
  // Pillow rounds between the axes, torch does not.
  const std::vector<double> both = resampling.antialias
                                       ? resampled(levels(narrow, true), rows, resampling)
                                       : resampled(narrow, rows, resampling);
  return make_tensor({1, height, width, channels}, levels(both, resampling.antialias));
}

std::int64_t crop_start(std::int64_t side, std::int64_t wanted) {
  const std::int64_t excess = side - wanted;
  if (excess < 0) return -(-excess / 2);
  return excess / 2 + excess % 2 * (excess / 2 % 2);
}

Tensor centre_crop(const Tensor& photo, std::int64_t height, std::int64_t width) {
  const std::int64_t top = crop_start(photo.shape[1], height);
  const std::int64_t left = crop_start(photo.shape[2], width);
  const std::int64_t channels = photo.shape[3];
  const auto pixels = photo.as<std::uint8_t>();
  PhotoBytes crop(static_cast<std::size_t>(height * width * channels));
  const std::int64_t first = std::max<std::int64_t>(-left, 0);
  const std::int64_t end = std::min(width, photo.shape[2] - left);
  for (std::int64_t y = 0; y < height; ++y) {
    const std::int64_t row = top + y;
    if (row < 0 || row >= photo.shape[1]) continue;
    const auto* from = pixels.data() + (row * photo.shape[2] + left + first) * channels;
    std::copy_n(from, (end - first) * channels, crop.begin() + (y * width + first) * channels);
  }
  return make_tensor({1, height, width, channels}, std::move(crop));
}

}  // namespace tv2onnx
