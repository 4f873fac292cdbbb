#include "nn/photo.h"

#include <algorithm>

#include "nn/image_transform.h"
#include "nn/pillow_resize.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// Height and width, of one number or two.
Value both(Graph& graph, const std::vector<std::int64_t>& sizes) {
  return ints(graph, {sizes.front(), sizes.back()});
}

/// int64 [2]. Of one number the shorter side gets it, and the longer one is rounded down.
Value resized_size(Value size, const std::vector<std::int64_t>& resize) {
  Graph& graph = *size.graph;
  if (resize.size() == 2) return both(graph, resize);
  return ints(graph, {resize.front()}) * size / reduce_min(size, {0}, true);
}

/// Which of the pixels that a photo is resized to are wanted; int64 [2] each, rows and columns.
struct Window {
  Value first;
  Value count;
};

/// The middle. Half a pixel is rounded to the even one, as Python's round().
Window middle(Value size, Value crop) {
  const Value excess = maximum(size - crop, scalar_like(size, 0));
  const Value two = scalar_like(excess, 2);
  const Value half = excess / two;
  return {half + mod(excess, two) * mod(half, two), minimum(size, crop)};
}

Value within_levels(Value x) {
  return minimum(maximum(x, scalar_like(x, 0)), scalar_like(x, 255));
}

/// uint8 [n, height, width, c] as float32 [n, c, rows, columns] of a window.
Value resized(Value bytes, Value from, Value to, const Window& window, const PhotoSpec& spec) {
  if (spec.antialias && !spec.resize.empty()) {
    const auto axis = [&](std::int64_t k) {
      const auto of = [k](Value sizes) { return pick(sizes, {k}, 0); };
      return ResizedAxis{of(from), of(to), of(window.first), of(window.count)};
    };
    return resized_as_pillow(bytes, axis(0), axis(1), spec.bicubic);
  }
  Value x = cast(transpose(bytes, {0, 3, 1, 2}), DType::kFloat32);
  if (!spec.resize.empty()) {
    const Value channels = ints(*bytes.graph, {bytes.dim(3).number()});
    x = within_levels(round(resize_smooth(x, concat({size_of(bytes, 0), channels, to}, 0))));
  }
  return slice_window(x, window.first, window.first + window.count, {2, 3});
}

/// Zeros around an image that is smaller than what is cut out of it; an odd one to the right and
/// below.
Value padded(Value x, Value size, Value crop) {
  const Value lack = maximum(crop - size, scalar_like(size, 0));
  const Value before = lack / 2;
  const Value none = ints(*x.graph, {0, 0});
  return pad(x, concat({none, before, none, lack - before}, 0));
}

/// Whether an image can be smaller than the crop.
bool may_be_smaller(const PhotoSpec& spec) {
  if (spec.resize.empty()) return true;
  const auto smallest = std::ranges::min(spec.resize);
  if (spec.resize.size() == 1) return std::ranges::max(spec.crop) > smallest;
  return spec.crop.front() > spec.resize.front() || spec.crop.back() > spec.resize.back();
}

void require_built(const PhotoSpec& spec) {
  if (!spec.bicubic || spec.antialias || spec.resize.empty()) return;
  throw Error({.code = "U002",
               .found = "bicubic interpolation without antialiasing",
               .where = {.item = "--antialias"},
               .expected = "true with --interpolation bicubic, as Pillow resizes photos",
               .hint = "--preprocess normalize leaves resizing to your code"});
}

}  // namespace

Value photo_pixels(Value bytes, const PhotoSpec& spec) {
  require_built(spec);
  Graph& graph = *bytes.graph;
  const NameScope names(graph, "preparation");
  const Value from = pick(shape_of(bytes), {1, 2}, 0);
  const Value to = spec.resize.empty() ? from : resized_size(from, spec.resize);
  const Value crop = spec.crop.empty() ? to : both(graph, spec.crop);
  Value x = resized(bytes, from, to, middle(to, crop), spec);
  if (spec.crop.empty()) return x;
  if (may_be_smaller(spec)) x = padded(x, to, crop);
  // States the size, from which those of all maps follow.
  return reshape(x, {0, bytes.dim(3).number(), spec.crop.front(), spec.crop.back()});
}

Value normalised_photo(Value pixels, const PhotoSpec& spec, double largest) {
  TransformSpec scaled;
  scaled.mean = spec.mean;
  scaled.std = spec.std;
  for (double& mean : scaled.mean) mean *= largest;
  for (double& deviation : scaled.std) deviation *= largest;
  const NameScope names(*pixels.graph, "preparation");
  return normalised(pixels, scaled);
}

}  // namespace tv2onnx
