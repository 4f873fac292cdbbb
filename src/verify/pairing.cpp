#include "verify/pairing.h"

#include <algorithm>
#include <tuple>

namespace tv2onnx {
namespace {

std::vector<std::size_t> untaken(const std::vector<bool>& taken) {
  std::vector<std::size_t> rest;
  for (std::size_t k = 0; k < taken.size(); ++k) {
    if (!taken[k]) rest.push_back(k);
  }
  return rest;
}

}  // namespace

Pairing::Pairing(const Detections& left, const Detections& right)
    : left_(&left), right_(&right), left_taken_(left.size()), right_taken_(right.size()) {}

std::vector<Pair> Pairing::take(const std::function<double(const Distance&)>& measure) {
  std::vector<std::pair<double, Pair>> candidates;
  const std::vector<std::size_t> others = rest_of_right();
  for (const std::size_t k : rest_of_left()) {
    for (const std::size_t other : others) {
      if ((*left_)[k].label != (*right_)[other].label) continue;
      const Distance distance = distance_between((*left_)[k], (*right_)[other]);
      const double apart = measure(distance);
      if (apart <= 1) candidates.push_back({apart, {k, other, distance}});
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
