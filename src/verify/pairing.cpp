#include "verify/pairing.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

double area(const std::array<float, 4>& box) {
  return std::max(0.0, double{box[2]} - box[0]) * std::max(0.0, double{box[3]} - box[1]);
}

std::vector<std::size_t> untaken(const std::vector<bool>& taken) {
  std::vector<std::size_t> rest;
  for (std::size_t k = 0; k < taken.size(); ++k) {
    if (!taken[k]) rest.push_back(k);
  }
  return rest;
}

}  // namespace

double box_iou(const std::array<float, 4>& a, const std::array<float, 4>& b) {
  const std::array<float, 4> common{std::max(a[0], b[0]), std::max(a[1], b[1]),
                                    std::min(a[2], b[2]), std::min(a[3], b[3])};
  const double shared = area(common);
  const double all = area(a) + area(b) - shared;
  return all > 0 ? shared / all : 0;
}

Gap gap_of(const Detection& a, const Detection& b) {
  Gap gap{.box = 0, .score = std::abs(double{a.score} - b.score), .iou = box_iou(a.box, b.box)};
  for (std::size_t k = 0; k < 4; ++k) {
    const double side = std::abs(double{a.box[k]} - b.box[k]);
    if (std::isnan(side) || side > gap.box) gap.box = side;  // once NaN, it stays NaN
  }
  return gap;
}

Pairing::Pairing(const Detections& left, const Detections& right)
    : left_(&left), right_(&right), left_taken_(left.size()), right_taken_(right.size()) {}

std::vector<Pair> Pairing::take(const std::function<double(const Gap&)>& distance) {
  std::vector<std::pair<double, Pair>> candidates;
  const std::vector<std::size_t> others = rest_of_right();
  for (const std::size_t k : rest_of_left()) {
    for (const std::size_t other : others) {
      if ((*left_)[k].label != (*right_)[other].label) continue;
      const Gap gap = gap_of((*left_)[k], (*right_)[other]);
      const double apart = distance(gap);
      if (apart <= 1) candidates.push_back({apart, {k, other, gap}});
    }
  }
  std::ranges::sort(candidates, {}, [](const auto& candidate) {
    return std::tuple(candidate.first, candidate.second.left, candidate.second.right);
  });
  std::vector<Pair> pairs;
  for (const auto& [apart, pair] : candidates) {
    if (left_taken_[pair.left] || right_taken_[pair.right]) continue;
    left_taken_[pair.left] = right_taken_[pair.right] = true;
    pairs.push_back(pair);
  }
  return pairs;
}

std::vector<std::size_t> Pairing::rest_of_left() const {
  return untaken(left_taken_);
}
std::vector<std::size_t> Pairing::rest_of_right() const {
  return untaken(right_taken_);
}

}  // namespace tv2onnx
