#include "verify/mask_difference.h"

#include <cmath>
#include <limits>

#include "tv2onnx/masks.h"

namespace tv2onnx {
namespace {

// Of masks that are both pasted nothing tells how many pixels they had; torchvision's have these.
constexpr std::int64_t kUsualSide = 28;

/// NaN, the worst of all, is kept.
double worst_of(const Tensor& a, const Tensor& b) {
  if (a.shape != b.shape) return std::numeric_limits<double>::infinity();
  const std::vector<float> left = to_float(a);
  const std::vector<float> right = to_float(b);
  double worst = 0;
  for (std::size_t k = 0; k < left.size(); ++k) {
    const double apart = std::abs(double{left[k]} - right[k]);
    if (!(apart <= worst)) worst = apart;
    if (std::isnan(worst)) break;
  }
  return worst;
}

bool same_box(const Detection& a, const Detection& b, std::int64_t side) {
  return paste_box(a.box, side) == paste_box(b.box, side);
}

/// `open` has probabilities over its box, `pasted` those of the whole image.
MaskDifference pasted_difference(const Detection& open, const Detection& pasted, double allowed) {
  const Tensor& probabilities = open.mask->probabilities;
  const Tensor& image = pasted.mask->probabilities;
  if (image.shape.size() != 2) return {std::numeric_limits<double>::infinity(), false};
  const ImageSize size{image.shape[0], image.shape[1]};
  const double own = worst_of(paste_mask(probabilities, open.box, size), image);
  if (own <= allowed || same_box(open, pasted, probabilities.shape[0])) return {own, false};
  const double other = worst_of(paste_mask(probabilities, pasted.box, size), image);
  return {own, other <= allowed};
}

}  // namespace

MaskDifference mask_difference(const Detection& expected, const Detection& found, double allowed) {
  if (expected.mask->pasted != found.mask->pasted) {
    return expected.mask->pasted ? pasted_difference(found, expected, allowed)
                                 : pasted_difference(expected, found, allowed);
  }
  const double worst = worst_of(expected.mask->probabilities, found.mask->probabilities);
  const bool other_box = expected.mask->pasted && worst > allowed && worst <= 1 &&  // of one size
                         !same_box(expected, found, kUsualSide);
  return {worst, other_box};
}

}  // namespace tv2onnx
