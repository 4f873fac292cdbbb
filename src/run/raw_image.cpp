#include "run/raw_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "nn/resized_size.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// Where a resized row or column comes from: F.interpolate(mode="bilinear", align_corners=False).
struct PixelSource {
  std::size_t first = 0;
  std::size_t second = 0;
  float weight = 0;  ///< of the second
};

/// Positions in double, as in the exported graph (nn/image_transform.cpp).
std::vector<PixelSource> sources(std::int64_t from, std::int64_t to) {
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  std::vector<PixelSource> all;
  for (std::int64_t k = 0; k < to; ++k) {
    const double position = std::max((static_cast<double>(k) + 0.5) * scale - 0.5, 0.0);
    const auto whole = static_cast<std::int64_t>(position);
    all.push_back({static_cast<std::size_t>(whole),
                   static_cast<std::size_t>(std::min(whole + 1, from - 1)),
                   static_cast<float>(position - static_cast<double>(whole))});
  }
  return all;
}

float between(float a, float b, float weight) {
  return a + (b - a) * weight;
}

/// One channel, first along its rows.
void resize(std::span<const float> plane, std::size_t width, const std::vector<PixelSource>& rows,
            const std::vector<PixelSource>& columns, std::size_t stride, std::span<float> out) {
  const std::size_t height = plane.size() / width;
  std::vector<float> narrow(height * columns.size());
  for (std::size_t y = 0; y < height; ++y) {
    const float* row = &plane[y * width];
    for (std::size_t x = 0; x < columns.size(); ++x) {
      const PixelSource& source = columns[x];
      narrow[y * columns.size() + x] =
          between(row[source.first], row[source.second], source.weight);
    }
  }
  for (std::size_t y = 0; y < rows.size(); ++y) {
    const float* first = &narrow[rows[y].first * columns.size()];
    const float* second = &narrow[rows[y].second * columns.size()];
    for (std::size_t x = 0; x < columns.size(); ++x) {
      out[y * stride + x] = between(first[x], second[x], rows[y].weight);
    }
  }
}

}  // namespace

ImageSize fitted_size(const ImageSize& image, const RawModel& model) {
  const ImageSize size = resized_size(image, model.transform);
  const auto [height, width] = model.input;
  if (size[0] <= height && size[1] <= width) return size;
  if (model.transform.no_resize) {
    throw Error({.code = "R006",
                 .found = fmt::format("an image of height {} and width {}", size[0], size[1]),
                 .expected = fmt::format("at most height {} and width {}: the file was exported "
                                         "with --no-resize for this size",
                                         height, width),
                 .hint = "export it with a larger --size"});
  }
  const bool by_height = height * image[1] <= width * image[0];
  if (by_height) return {height, std::max<std::int64_t>(1, image[1] * height / image[0])};
  return {std::max<std::int64_t>(1, image[0] * width / image[1]), width};
}

RawImage raw_image(const Tensor& image, const RawModel& model) {
  const ImageSize from{image.shape[2], image.shape[3]};
  const ImageSize size = fitted_size(from, model);
  const std::vector<PixelSource> rows = sources(from[0], size[0]);
  const std::vector<PixelSource> columns = sources(from[1], size[1]);
  const auto area = static_cast<std::size_t>(model.input[0] * model.input[1]);
  const auto plane = static_cast<std::size_t>(from[0] * from[1]);
  std::vector<float> pixels;
  pixels.reserve(area * model.transform.mean.size());
  for (const double mean : model.transform.mean) {
    const std::size_t channel = pixels.size() / area;
    pixels.resize(pixels.size() + area, static_cast<float>(mean));
    resize(image.as<float>().subspan(channel * plane, plane), static_cast<std::size_t>(from[1]),
           rows, columns, static_cast<std::size_t>(model.input[1]),
           std::span(pixels).subspan(channel * area, area));
  }
  const Shape shape{1, model.channels, model.input[0], model.input[1]};
  return {make_tensor(shape, std::move(pixels)), size};
}

}  // namespace tv2onnx
