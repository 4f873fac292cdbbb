#pragma once
// Greedy pairing of two lists of detections, in several rounds over what is left.

#include <cstddef>
#include <functional>
#include <vector>

#include "tv2onnx/detector.h"
#include "verify/distance.h"

namespace tv2onnx {

struct Pair {
  std::size_t left = 0;
  std::size_t right = 0;
  Distance distance;
};

/// Both lists and which of their members are still without a partner. The lists must outlive it.
class Pairing {
 public:
  Pairing(const Detections& left, const Detections& right);

  /// Takes out pairs of one label, nearest first. `measure` says how far apart two detections
  /// are; above 1 (or NaN) they are no pair.
  std::vector<Pair> take(const std::function<double(const Distance&)>& measure);

  std::vector<std::size_t> rest_of_left() const;
  std::vector<std::size_t> rest_of_right() const;
  void drop_left(std::size_t k) { left_taken_[k] = true; }
  void drop_right(std::size_t k) { right_taken_[k] = true; }

  const Detections& left() const { return *left_; }
  const Detections& right() const { return *right_; }

 private:
  const Detections* left_;
  const Detections* right_;
  std::vector<bool> left_taken_;
  std::vector<bool> right_taken_;
};

}  // namespace tv2onnx
