// Images that show what detectors trip over: the cases of scripts/record_reference.py, made here
// for comparing two ONNX files.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "base/text.h"
#include "image/area_resize.h"
#include "image/pixels.h"
#include "tv2onnx/error.h"
#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

constexpr auto kFullSizes = std::to_array<ImageSize>({{100, 100},
                                                      {300, 500},
                                                      {375, 500},
                                                      {427, 640},
                                                      {480, 640},
                                                      {640, 480},
                                                      {375, 1242},
                                                      {1080, 1920}});
constexpr auto kQuickSizes = std::to_array<ImageSize>({{100, 100}, {150, 200}, {171, 256}});

using Values = std::vector<std::uint8_t>;  // height x width x 3

std::size_t byte_count(const ImageSize& size) {
  return static_cast<std::size_t>(size[0] * size[1] * 3);
}

/// Numbers 0..1 that are the same with every standard library, unlike std's distributions.
class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  double operator()() { return static_cast<double>(engine_()) / 4294967296.0; }
  double operator()(double low, double high) { return low + (high - low) * (*this)(); }

 private:
  std::mt19937 engine_;
};

struct Shape2d {
  int kind;  // disc, ring, rectangle
  double x, y, radius;
  std::array<double, 3> colour;

  bool covers(double at_x, double at_y) const {
    const double across = at_x - x;
    const double down = at_y - y;
    const double far = std::sqrt(across * across + down * down);
    if (kind == 0) return far < radius;
    if (kind == 1) return std::abs(far - 0.8 * radius) < 0.2 * radius;
    return std::abs(at_x - x) < radius && std::abs(at_y - y) < 0.7 * radius;
  }
};

std::array<double, 3> colour_of(Random& random) {
  return {random(0, 255), random(0, 255), random(0, 255)};
}

/// A colour gradient with some shapes on it.
Values drawn_scene(const ImageSize& size, std::uint32_t seed) {
  Random random(seed);
  const auto [height, width] =
      std::array{static_cast<double>(size[0]), static_cast<double>(size[1])};
  const std::array corners{colour_of(random), colour_of(random), colour_of(random)};
  std::vector<Shape2d> shapes;
  for (int k = 0; k < 8; ++k) {
    const int kind = static_cast<int>(random(0, 3));
    const double radius = random(0.05, 0.22) * std::min(height, width);
    const double x = random(0, width);
    const double y = random(0, height);
    shapes.push_back({kind, x, y, radius, colour_of(random)});
  }
  Values pixels;
  pixels.reserve(byte_count(size));
  for (std::int64_t row = 0; row < size[0]; ++row) {
    for (std::int64_t column = 0; column < size[1]; ++column) {
      const auto x = static_cast<double>(column);
      const auto y = static_cast<double>(row);
      std::array<double, 3> colour{};
      for (std::size_t c = 0; c < 3; ++c) {
        colour[c] = corners[0][c] + (corners[1][c] - corners[0][c]) * x / width +
                    (corners[2][c] - corners[0][c]) * y / height;
      }
      for (const Shape2d& shape : shapes) {
        if (shape.covers(x, y)) colour = shape.colour;
      }
      for (const double value : colour) {
        pixels.push_back(static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0)));
      }
    }
  }
  return pixels;
}

Values scaled(const Tensor& photo, const ImageSize& size, bool mirrored) {
  Values pixels = area_resized(photo, size[0], size[1]);
  if (!mirrored) return pixels;
  Values flipped(pixels.size());
  const auto width = static_cast<std::size_t>(size[1]);
  for (std::size_t k = 0; k < pixels.size(); ++k) {
    const std::size_t row = k / (3 * width);
    const std::size_t column = k / 3 % width;
    flipped[k] = pixels[(row * width + width - 1 - column) * 3 + k % 3];
  }
  return flipped;
}

/// Scene after scene, each another one.
class Scenes {
 public:
  explicit Scenes(const std::vector<Tensor>& photos) : photos_(photos) {
    std::ranges::for_each(photos, check_image);
  }

  Values next(const ImageSize& size) {
    const std::uint32_t index = count_++;
    if (photos_.empty()) return drawn_scene(size, index);
    // Mirrored every other round, so that a batch has different images even of a single photo.
    const std::size_t round = index / photos_.size();
    return scaled(photos_[index % photos_.size()], size, round % 2 == 1);
  }

 private:
  const std::vector<Tensor>& photos_;
  std::uint32_t count_ = 0;
};

Tensor stacked(const ImageSize& size, const std::vector<Values>& images) {
  Values all;
  for (const Values& image : images) all.insert(all.end(), image.begin(), image.end());
  return make_tensor({static_cast<std::int64_t>(images.size()), size[0], size[1], 3},
                     std::move(all));
}

Values noise(const ImageSize& size) {
  Random random(0);
  Values pixels(byte_count(size));
  std::ranges::generate(pixels, [&] { return static_cast<std::uint8_t>(random(0, 256)); });
  return pixels;
}

/// float32 [1,3,height,width] with values 0..255.
Tensor wrong_range(const ImageSize& size, const Values& pixels) {
  const std::size_t area = pixels.size() / 3;
  std::vector<float> planes(pixels.size());
  for (std::size_t k = 0; k < pixels.size(); ++k) planes[k % 3 * area + k / 3] = pixels[k];
  return make_tensor({1, 3, size[0], size[1]}, std::move(planes));
}

}  // namespace

void require_drawable(const ImageSize& size, std::int64_t images) {
  const auto [height, width] = size;
  const bool positive = height > 0 && width > 0 && images > 0;
  if (positive && width <= kMostDrawnPixels / height &&
      images <= 8 * kMostDrawnPixels / (width * height)) {
    return;
  }
  throw Error(
      {.code = "I003",
       .found = fmt::format("{} of height {} and width {}",
                            counted(static_cast<std::size_t>(images), "image"), height, width),
       .expected = fmt::format("at most {} million pixels for images that are drawn here",
                               kMostDrawnPixels / 1'000'000),
       .hint = "detectors shrink images to about 1 million pixels; export for a smaller size"});
}

std::vector<InputCase> standard_cases(const CaseOptions& options) {
  if (options.size) require_drawable(*options.size, 3);
  Scenes scenes(options.photos);
  const char* kind = options.photos.empty() ? "scene" : "photo";
  std::vector<ImageSize> sizes(kFullSizes.begin(), kFullSizes.end());
  if (options.quick) sizes.assign(kQuickSizes.begin(), kQuickSizes.end());
  if (options.size) sizes.assign(1, *options.size);
  std::vector<InputCase> cases;
  for (const ImageSize& size : sizes) {
    cases.push_back(
        {fmt::format("{}_{}x{}", kind, size[0], size[1]), stacked(size, {scenes.next(size)})});
  }
  const std::int64_t unit = options.quick ? 1 : 2;
  const ImageSize wide = options.size.value_or(ImageSize{120 * unit, 163 * unit});
  const ImageSize high = options.size.value_or(ImageSize{163 * unit, 120 * unit});
  cases.push_back({"blank", stacked(wide, {Values(byte_count(wide))})});
  cases.push_back({"noise", stacked(wide, {noise(wide)})});
  cases.push_back({"range_0_255", wrong_range(wide, scenes.next(wide))});
  const Values first = scenes.next(wide);
  cases.push_back({"batch_2", stacked(wide, {first, scenes.next(wide)})});
  const Values second = scenes.next(high);
  cases.push_back(
      {"batch_3", stacked(high, {second, Values(byte_count(high)), scenes.next(high)})});
  return cases;
}

}  // namespace tv2onnx
