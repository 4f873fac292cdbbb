#include "nn/photo.h"

#include <algorithm>

#include "nn/image_transform.h"
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

/// Pillow's filters, of the distance in output pixels. The cubic one is two polynomials that are 0
/// where they meet and end, so that no condition is needed.
Value filtered(Value distance, bool bicubic) {
  const auto at_most = [](Value x, double limit) { return minimum(x, scalar_like(x, limit)); };
  const Value near = at_most(distance, 1);
  if (!bicubic) return scalar_like(near, 1) - near;
  constexpr double kA = -0.5;
  const Value far = at_most(maximum(distance, scalar_like(distance, 1)), 2);
  const Value inner = ((near * (kA + 2) - (kA + 3)) * near * near) + 1;
  const Value outer = (((far - 5) * far + 8) * far - 4) * kA;
  return inner + outer;
}

constexpr double kUnit = 1 << 22;  // Pillow's weights are whole numbers of so many parts

/// double [to, from]: how many parts each pixel of an axis gets of each one that it was resized
/// from. Pixels outside the image do not count.
Value resize_weights(Value from, Value to, bool bicubic) {
  const Value centres = source_rows(unsqueeze(range(to), {1}), from, to);
  const Value pixels = cast(unsqueeze(range(from), {0}), DType::kFloat64);
  const Value scale = cast(from, DType::kFloat64) / cast(to, DType::kFloat64);
  // Enlarging does not make the filter narrower.
  const Value width = maximum(scale, scalar_like(scale, 1));
  const Value weights = filtered(abs(pixels - centres) / width, bicubic);
  return round(weights / reduce_sum(weights, {1}, true) * kUnit);
}

Value within_levels(Value x) {
  return minimum(maximum(x, scalar_like(x, 0)), scalar_like(x, 255));
}

/// Of sums of parts.
Value as_levels(Value sums) {
  return within_levels(floor((sums + kUnit / 2) / kUnit));
}

/// Pillow's resizing as two products, for opsets whose Resize has no antialiasing. Whole numbers in
/// double are exact, so that ties are rounded as there, and pixels are equal.
Value resized_by_products(Value bytes, Value from, Value to, bool bicubic) {
  const auto weights = [&](std::int64_t axis) {
    return resize_weights(pick(from, {axis}, 0), pick(to, {axis}, 0), bicubic);
  };
  const Value x = cast(bytes, DType::kFloat64);
  const Value rows = as_levels(matmul(x, transpose(weights(1), {1, 0})));
  return cast(as_levels(matmul(weights(0), rows)), DType::kFloat32);
}

/// As whole numbers, of uint8 or float32.
Value resized(Value bytes, Value from, Value to, const PhotoSpec& spec) {
  Graph& graph = *bytes.graph;
  const Value sizes = concat({size_of(bytes, 0), ints(graph, {bytes.dim(1).number()}), to}, 0);
  if (!spec.antialias) {
    return within_levels(round(resize_smooth(cast(bytes, DType::kFloat32), sizes, {})));
  }
  if (!has_antialiased_resize(graph)) {
    return resized_by_products(bytes, from, to, spec.bicubic);
  }
  return resize_smooth(bytes, sizes, {.bicubic = spec.bicubic, .antialias = true});
}

/// Zeros around an image that is smaller than what is cut out of it; an odd one to the right and
/// below.
Value padded(Value x, Value size, Value crop) {
  const Value lack = maximum(crop - size, scalar_like(size, 0));
  const Value before = lack / 2;
  const Value none = ints(*x.graph, {0, 0});
  return pad(x, concat({none, before, none, lack - before}, 0));
}

/// The middle. Half a pixel is rounded to the even one, as Python's round().
Value cropped(Value x, Value size, std::int64_t channels, const std::vector<std::int64_t>& sides) {
  const Value crop = both(*x.graph, sides);
  const Value excess = size - crop;
  const Value two = scalar_like(excess, 2);
  const Value half = excess / two;
  const Value start = half + mod(excess, two) * mod(half, two);
  x = slice_window(x, start, start + crop, {2, 3});
  // States the size, from which those of all maps follow.
  return reshape(x, {0, channels, sides.front(), sides.back()});
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
  const NameScope names(*bytes.graph, "preparation");
  Value size = pick(shape_of(bytes), {2, 3}, 0);
  Value x = bytes;
  if (!spec.resize.empty()) {
    const Value to = resized_size(size, spec.resize);
    x = resized(x, size, to, spec);
    size = to;
  }
  if (spec.crop.empty()) return cast(x, DType::kFloat32);
  if (may_be_smaller(spec)) {
    const Value crop = both(*x.graph, spec.crop);
    x = padded(cast(x, DType::kFloat32), size, crop);  // older runtimes pad no bytes
    size = maximum(size, crop);
  }
  x = cropped(x, size, bytes.dim(1).number(), spec.crop);
  return cast(x, DType::kFloat32);
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
