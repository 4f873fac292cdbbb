#include "image/area_resize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

#include "image/pixels.h"

namespace tv2onnx {
namespace {

using Values = std::vector<std::uint8_t>;
constexpr int kChannels = 3;

/// One side of the picture, before and after.
struct Side {
  int from;
  int to;

  double growth() const { return static_cast<double>(to) / from; }
  double scale() const { return 1 / growth(); }  // not from / to: OpenCV rounds twice
  bool is_whole() const {
    return std::abs(scale() - std::round(scale())) < std::numeric_limits<double>::epsilon();
  }
};

struct Picture {
  std::span<const std::uint8_t> values;
  Side height;
  Side width;

  const std::uint8_t* row(int y) const {
    return values.data() +
           static_cast<std::size_t>(y) * static_cast<std::size_t>(width.from) * kChannels;
  }
  std::size_t result_row() const { return static_cast<std::size_t>(width.to) * kChannels; }
};

std::uint8_t rounded(float value) {
  return static_cast<std::uint8_t>(std::clamp(std::nearbyint(value), 0.0F, 255.0F));
}

/// Means of blocks of whole pixels.
Values block_means(const Picture& picture) {
  const int high = static_cast<int>(std::lround(picture.height.scale()));
  const int wide = static_cast<int>(std::lround(picture.width.scale()));
  const float share = 1.0F / static_cast<float>(high * wide);
  Values result;
  for (int y = 0; y < picture.height.to; ++y) {
    for (int k = 0; k < picture.width.to * kChannels; ++k) {
      const int start = k / kChannels * wide * kChannels + k % kChannels;
      int sum = 0;
      for (int row = 0; row < high; ++row) {
        const std::uint8_t* at = picture.row(y * high + row) + start;
        for (int column = 0; column < wide; ++column, at += kChannels) sum += *at;
      }
      // Of 2 x 2 pixels OpenCV rounds a half up, of all others to even.
      const bool quarters = high == 2 && wide == 2;
      result.push_back(quarters ? static_cast<std::uint8_t>((sum + 2) / 4)
                                : rounded(static_cast<float>(sum) * share));
    }
  }
  return result;
}

/// What a row or column of the picture adds to one of the result.
struct Part {
  int to;
  int from;
  float share;
};

std::vector<Part> parts_of(const Side& side) {
  constexpr double kTooLittle = 1e-3;
  std::vector<Part> parts;
  const double scale = side.scale();
  for (int to = 0; to < side.to; ++to) {
    const double begin = to * scale;
    const double end = begin + scale;
    const double length = std::min(scale, side.from - begin);
    const int last = std::min(static_cast<int>(std::floor(end)), side.from - 1);
    const int first = std::min(static_cast<int>(std::ceil(begin)), last);
    if (first - begin > kTooLittle) {
      parts.push_back({to, first - 1, static_cast<float>((first - begin) / length)});
    }
    for (int from = first; from < last; ++from) {
      parts.push_back({to, from, static_cast<float>(1 / length)});
    }
    if (end - last > kTooLittle) {
      const double rest = std::min(std::min(end - last, 1.0), length);
      parts.push_back({to, last, static_cast<float>(rest / length)});
    }
  }
  return parts;
}

/// Means of areas with parts of pixels at their rims.
Values area_means(const Picture& picture) {
  const std::vector<Part> columns = parts_of(picture.width);
  std::vector<float> sums(picture.result_row() * static_cast<std::size_t>(picture.height.to));
  std::vector<float> line(picture.result_row());
  for (const Part& row : parts_of(picture.height)) {
    std::ranges::fill(line, 0.0F);
    const std::uint8_t* from = picture.row(row.from);
    for (const Part& column : columns) {
      for (int c = 0; c < kChannels; ++c) {
        const float value = from[column.from * kChannels + c];
        line[static_cast<std::size_t>(column.to) * kChannels + static_cast<std::size_t>(c)] +=
            value * column.share;
      }
    }
    float* sum = sums.data() + static_cast<std::size_t>(row.to) * line.size();
    for (std::size_t k = 0; k < line.size(); ++k) sum[k] += row.share * line[k];
  }
  Values result;
  for (const float sum : sums) result.push_back(rounded(sum));
  return result;
}

/// Two neighbours and their shares of 2048.
struct Between {
  std::array<int, 2> from;
  std::array<int, 2> share;
};

/// Interpolation in the middle of which lies a pixel of its own, as OpenCV makes up for areas
/// smaller than a pixel.
std::vector<Between> neighbours(const Side& side) {
  constexpr float kOne = 2048;
  std::vector<Between> all;
  for (int to = 0; to < side.to; ++to) {
    const int from = static_cast<int>(std::floor(to * side.scale()));
    auto part = static_cast<float>((to + 1) - (from + 1) * side.growth());
    part = part <= 0 ? 0.0F : part - std::floor(part);
    const int last = side.from - 1;
    all.push_back({{std::min(from, last), std::min(from + 1, last)},
                   {static_cast<int>(std::nearbyint((1 - part) * kOne)),
                    static_cast<int>(std::nearbyint(part * kOne))}});
  }
  return all;
}

Values interpolated(const Picture& picture) {
  const std::vector<Between> columns = neighbours(picture.width);
  const auto across = [&](int y, const Between& column, int c) {
    const std::uint8_t* row = picture.row(y);
    return row[column.from[0] * kChannels + c] * column.share[0] +
           row[column.from[1] * kChannels + c] * column.share[1];
  };
  Values result;
  for (const Between& row : neighbours(picture.height)) {
    for (const Between& column : columns) {
      for (int c = 0; c < kChannels; ++c) {
        // The steps of OpenCV's 16-bit arithmetic, which lose bits.
        const int upper = (row.share[0] * (across(row.from[0], column, c) >> 4)) >> 16;
        const int lower = (row.share[1] * (across(row.from[1], column, c) >> 4)) >> 16;
        result.push_back(static_cast<std::uint8_t>((upper + lower + 2) >> 2));
      }
    }
  }
  return result;
}

}  // namespace

std::vector<std::uint8_t> area_resized(const Tensor& photo, std::int64_t height,
                                       std::int64_t width) {
  check_image(photo);
  const auto side = [&](std::size_t axis, std::int64_t to) {
    return Side{static_cast<int>(photo.shape[axis]), static_cast<int>(to)};
  };
  const Picture picture{photo.as<std::uint8_t>(), side(1, height), side(2, width)};
  if (picture.height.scale() < 1 || picture.width.scale() < 1) return interpolated(picture);
  const bool blocks = picture.height.is_whole() && picture.width.is_whole();
  return blocks ? block_means(picture) : area_means(picture);
}

}  // namespace tv2onnx
